// SPDX-License-Identifier: Apache-2.0
//
// How long this server still runs, as a notification in JupyterLab 4. Written into a shared volume by `berth walltime`, which
// keeps state.json beside it: {left_s, warn_before_s, notice: {number, kind, text}, extension: {by_s, left_s}, page,
// idle: {limit_s, left_s}}.
(() => {
  "use strict";

  const STATE = new URL("state.json", document.currentScript.src);
  const ASK_MS = 10_000;
  const TURN_MS = 1_000;
  const URGENT_S = 300;
  const EXTEND = "berth-walltime:extend";

  /** The latest state, and when it came by a clock that nobody sets. */
  let state = null;
  let cameAt = 0;
  let askedAt = -Infinity;
  let isAsking = false;

  /** What stands on the screen: the notification's id, and what it was made of. */
  let shown = null;
  let seenNumber = null;
  let isSaved = false;

  /** What is left now of what was left when the state came. */
  const since = (seconds) => (seconds === null ? null : Math.max(0, seconds - (performance.now() - cameAt) / 1000));
  const left = () => (state === null ? null : since(state.left_s));
  const idleLeft = () => (state === null || state.idle === null ? null : since(state.idle.left_s));

  /**
   * A hidden tab asks only when a notice of the walltime is due: some proxies take each request for a sign of use, and a
   * forgotten tab would keep its server from ever being idle. So it never asks for a notice of being unused; whoever comes
   * back to it sees that one at once.
   */
  function isTimeToAsk() {
    const waited = performance.now() - askedAt;
    if (waited < ASK_MS) return false;
    if (!document.hidden || state === null) return true;
    const now = left();
    if (now === null) return false;
    const then = now + waited / 1000;
    return [...state.warn_before_s, 0].some((mark) => now <= mark && mark < then);
  }

  async function ask() {
    askedAt = performance.now();
    isAsking = true;
    try {
      const answer = await fetch(STATE, { cache: "no-store", signal: AbortSignal.timeout(8_000) });
      if (!answer.ok) return;
      const next = await answer.json();
      const came = performance.now();
      // An end that was moved is saved before again.
      if (next.left_s === null || next.left_s > 120) isSaved = false;
      [state, cameAt] = [next, came];
    } catch {
      // The server is stopping, or the network is away: what was known last still counts.
    } finally {
      isAsking = false;
    }
  }

  function spoken(seconds) {
    const minutes = Math.round(seconds / 60);
    const count = (n, unit) => `${n} ${unit}${n === 1 ? "" : "s"}`;
    if (seconds < 100) return count(Math.ceil(seconds), "second");
    if (minutes <= 120) return count(minutes, "minute");
    const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
    return count(hours, "hour") + (rest ? ` ${count(rest, "minute")}` : "");
  }

  function words(now) {
    const { kind, text } = state.notice;
    if (kind === "ended") return text;
    if (kind === "idle") return unusedWords(now);
    if (now === 0) return "This server's time is over, and it is being stopped.";
    const at = new Date(Date.now() + now * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    return kind === "moved"
      ? `The end was moved: this server now ends in ${spoken(now)}, at ${at}.`
      : `This server ends in ${spoken(now)}, at ${at}. Save your work.`;
  }

  function unusedWords(now) {
    const unused = `Nobody has used this server for ${spoken(Math.max(0, state.idle.limit_s - now))}.`;
    return now === 0 ? `${unused} It ends soon.` : `${unused} It ends in ${spoken(now)} unless it is used.`;
  }

  function look(now) {
    const kind = state.notice.kind;
    if (kind === "moved") return { type: "success", autoClose: 15_000, actions: [] };
    const type = now < URGENT_S || kind === "ended" ? "warning" : "info";
    const mayExtend = state.extension && state.page && kind === "left" && now > 0;
    const actions = mayExtend
      ? [{ label: "Extend", commandId: EXTEND, caption: `Opens the page on which ${spoken(state.extension.by_s)} can be added` }]
      : [];
    return { type, autoClose: false, actions };
  }

  /** One notification at a time: a new notice takes the place of the one before. */
  async function show(app, now) {
    const { number, kind } = state.notice;
    const [message, how] = [words(now), look(now)];
    const isFirst = seenNumber === null;
    if (number === seenNumber && !(shown && shown.type !== how.type)) return update(app, message, how);
    if (shown) await app.commands.execute("apputils:dismiss-notification", { id: shown.id });
    shown = null;
    // Whoever loads the page now has not seen the end where it was; and what was taken back is nothing to see.
    if (!(isFirst && kind === "moved") && kind !== "used") {
      const { type, autoClose, actions } = how;
      const id = await app.commands.execute("apputils:notify", { message, type, options: { autoClose, actions } });
      shown = { id, type, message, isOpen: kind !== "moved" };
    }
    // The last, so that what could not be shown is tried again.
    seenNumber = number;
  }

  /** Who has closed it is told again by the next notice only. */
  async function update(app, message, how) {
    if (!shown || !shown.isOpen || shown.message === message) return;
    shown.message = message;
    const command = "apputils:update-notification";
    shown.isOpen = await app.commands.execute(command, { id: shown.id, message, ...how });
  }

  /** Once before an end. A hidden tab's timers come once a minute, so it does not wait for the last moment. */
  function saveInTime(app, now) {
    if (isSaved || now === 0 || now > (document.hidden ? 90 : 30)) return;
    isSaved = true;
    if (app.commands.isEnabled("docmanager:save-all")) {
      app.commands.execute("docmanager:save-all").catch((fault) => console.error("berth-walltime:", fault));
    }
  }

  async function turn(app) {
    if (!isAsking && isTimeToAsk()) await ask();
    if (state === null || state.notice === null || !app.commands.hasCommand("apputils:notify")) return;
    const end = left();
    // To save is to use the server, so nothing is saved before it ends for being unused.
    if (end !== null) saveInTime(app, end);
    const now = state.notice.kind === "idle" ? idleLeft() : end;
    if (now !== null || ["ended", "used"].includes(state.notice.kind)) await show(app, now);
  }

  function activate(app) {
    app.commands.addCommand(EXTEND, {
      label: "Extend this server's time",
      isEnabled: () => Boolean(state && state.extension && state.page),
      execute: () => {
        const config = JSON.parse(document.getElementById("jupyter-config-data").textContent);
        window.open((config.hubHost || "") + state.page, "_blank", "noopener");
      },
    });
    let isTurning = false;
    setInterval(async () => {
      if (isTurning) return;
      isTurning = true;
      try {
        await turn(app);
      } catch (fault) {
        console.error("berth-walltime:", fault);
      } finally {
        isTurning = false;
      }
    }, TURN_MS);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) askedAt = -Infinity;
    });
  }

  const plugin = {
    id: "berth-walltime:notices",
    description: "Tells how long this server still runs.",
    autoStart: true,
    activate,
  };

  // What a federated module is: JupyterLab calls `init` with its shared packages, of which none is needed, then `get`.
  (window._JUPYTERLAB ??= {})["berth-walltime"] = {
    init: () => {},
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
