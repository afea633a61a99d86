// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnPolicy

extension Reading {
    /// One entry of `images`, ready to become a choice.
    struct Image {
        let choice: Choice
        let isDefault: Bool
    }

    mutating func images(_ item: Item?) -> [Image] {
        let items = item?.elements ?? []
        refuseRepeats(items.compactMap { one in one.text("id").map { ($0, one["id"] ?? one) } }, "image id")
        return items.compactMap { image($0) }
    }

    private mutating func image(_ item: Item) -> Image? {
        guard let id = item.text("id"), let reference = item["image"], let image = reference.text else { return nil }
        checkReference(reference, image)
        checkTraits(item["kubespawner_override"])
        let choice = Choice(
            id: id, displayName: item.text("display_name") ?? id, isDefault: false, allow: allow(item),
            overrides: item.object("kubespawner_override"), image: image,
            isHidden: item.flag("hidden") ?? false, set: setBlock(of: item), line: item.place.line)
        return Image(choice: choice, isDefault: item.flag("default") ?? false)
    }

    private mutating func checkReference(_ item: Item, _ image: String) {
        if ImageReference(image) == nil {
            fault(
                item, "\(quoted(image)) is not an image reference",
                "Write registry, repository and tag, such as `registry.example.org/notebooks/base:2026.1`.")
        }
    }

    /// `images` and `custom_image` of a profile as its option `image`.
    mutating func imageOption(_ item: Item, _ images: [Image]) -> ProfileOption? {
        let listed = (item["images"]?.elements ?? []).compactMap { offered($0, images) }
        let typed = item["custom_image"].flatMap { $0.isMapping ? unlisted($0, isImage: true) : nil }
        guard item["images"] != nil || typed != nil else { return nil }
        refuseRepeats((item["images"]?.elements ?? []).compactMap { one in one.text.map { ($0, one) } }, "image")
        refuseTwoDefaultImages(item["images"], listed)
        let written = item["images"] ?? item["custom_image"] ?? item
        return ProfileOption(
            key: "image", displayName: "Image", allow: .everyone, choices: choices(listed), unlisted: typed,
            line: written.keyPlace.line)
    }

    private mutating func offered(_ item: Item, _ images: [Image]) -> Image? {
        let id = reference(item, to: names.images, "image", "Define it under `images`.")
        return images.first { $0.choice.id == id }
    }

    private mutating func refuseTwoDefaultImages(_ item: Item?, _ listed: [Image]) {
        let marked = listed.filter(\.isDefault).map(\.choice.id)
        guard let item, marked.count > 1 else { return }
        let list = marked.map(quoted).joined(separator: " and ")
        fault(item, "offers two images that are marked as the default: \(list)", "Mark one of them only.", atKey: true)
    }

    private func choices(_ listed: [Image]) -> [Choice] {
        listed.map { image in
            let choice = image.choice
            return Choice(
                id: choice.id, displayName: choice.displayName, isDefault: image.isDefault, allow: choice.allow,
                overrides: choice.overrides, image: choice.image, isHidden: choice.isHidden, set: choice.set,
                line: choice.line)
        }
    }
}
