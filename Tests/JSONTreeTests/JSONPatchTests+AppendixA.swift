// SPDX-License-Identifier: Apache-2.0

extension JSONPatchTests {
    /// The examples of RFC 6902 appendix A.
    static let appendixA = [
        Example(
            name: "A.1",
            document: #"{"foo":"bar"}"#,
            patch: #"[{"op":"add","path":"/baz","value":"qux"}]"#,
            result: #"{"baz":"qux","foo":"bar"}"#
        ),
        Example(
            name: "A.2",
            document: #"{"foo":["bar","baz"]}"#,
            patch: #"[{"op":"add","path":"/foo/1","value":"qux"}]"#,
            result: #"{"foo":["bar","qux","baz"]}"#
        ),
        Example(
            name: "A.3",
            document: #"{"baz":"qux","foo":"bar"}"#,
            patch: #"[{"op":"remove","path":"/baz"}]"#,
            result: #"{"foo":"bar"}"#
        ),
        Example(
            name: "A.4",
            document: #"{"foo":["bar","qux","baz"]}"#,
            patch: #"[{"op":"remove","path":"/foo/1"}]"#,
            result: #"{"foo":["bar","baz"]}"#
        ),
        Example(
            name: "A.5",
            document: #"{"baz":"qux","foo":"bar"}"#,
            patch: #"[{"op":"replace","path":"/baz","value":"boo"}]"#,
            result: #"{"baz":"boo","foo":"bar"}"#
        ),
        Example(
            name: "A.6",
            document: #"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
            patch: #"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
            result: #"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#
        ),
        Example(
            name: "A.7",
            document: #"{"foo":["all","grass","cows","eat"]}"#,
            patch: #"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
            result: #"{"foo":["all","cows","eat","grass"]}"#
        ),
        Example(
            name: "A.8",
            document: #"{"baz":"qux","foo":["a",2,"c"]}"#,
            patch: #"[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]"#,
            result: #"{"baz":"qux","foo":["a",2,"c"]}"#
        ),
        Example(
            name: "A.9",
            document: #"{"baz":"qux"}"#,
            patch: #"[{"op":"test","path":"/baz","value":"bar"}]"#,
            result: nil
        ),
        Example(
            name: "A.10",
            document: #"{"foo":"bar"}"#,
            patch: #"[{"op":"add","path":"/child","value":{"grandchild":{}}}]"#,
            result: #"{"foo":"bar","child":{"grandchild":{}}}"#
        ),
        Example(
            name: "A.11",
            document: #"{"foo":"bar"}"#,
            patch: #"[{"op":"add","path":"/baz","value":"qux","xyz":123}]"#,
            result: #"{"foo":"bar","baz":"qux"}"#
        ),
        Example(
            name: "A.12",
            document: #"{"foo":"bar"}"#,
            patch: #"[{"op":"add","path":"/baz/bat","value":"qux"}]"#,
            result: nil
        ),
        Example(
            name: "A.13",
            document: #"{"foo":"bar"}"#,
            patch: #"[{"op":"add","path":"/baz","value":"qux","op":"remove"}]"#,
            result: nil
        ),
        Example(
            name: "A.14",
            document: #"{"/":9,"~1":10}"#,
            patch: #"[{"op":"test","path":"/~01","value":10}]"#,
            result: #"{"/":9,"~1":10}"#
        ),
        Example(
            name: "A.15",
            document: #"{"/":9,"~1":10}"#,
            patch: #"[{"op":"test","path":"/~01","value":"10"}]"#,
            result: nil
        ),
        Example(
            name: "A.16",
            document: #"{"foo":["bar"]}"#,
            patch: #"[{"op":"add","path":"/foo/-","value":["abc","def"]}]"#,
            result: #"{"foo":["bar",["abc","def"]]}"#
        ),
    ]
}
