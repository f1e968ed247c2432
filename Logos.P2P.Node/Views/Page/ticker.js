// Messages as they come.

import { $, count, element, milliseconds, text } from "./common.js";

const ROWS = 40;
const SIGNS = { propagate: "→", consume: "•", reject: "✕", own: "↑", failed: "!" };
const WORDS = { propagate: "passed on", consume: "kept", reject: "rejected", own: "sent by us", failed: "handler failed" };

export class Ticker {
  #body; #onChoose; #onMessage; #seen = new Set();

  constructor(body, onChoose, onMessage) {
    this.#body = body;
    this.#onChoose = onChoose;
    this.#onMessage = onMessage;
  }

  add({ all, shown }) {
    const fresh = shown.filter(message => !this.#seen.has(message.id));
    // Rows under the pointer or the focus would run away.
    if (!this.#body.matches(":hover") && !this.#body.contains(document.activeElement)) {
      this.#body.prepend(...fresh.map(message => this.#row(message)).reverse());
      while (this.#body.childElementCount > ROWS) this.#body.lastElementChild.remove();
    }
    this.#seen = new Set([...fresh.map(message => message.id), ...[...this.#seen].slice(0, 200)]);
    fresh.forEach(message => this.#onMessage(message.peer));
    text($("ticker-summary"), all > shown.length ? `${shown.length} of ${count(all)} that were timed` : "latest first");
  }

  #row(message) {
    const from = message.peer
      ? element("button", { class: "pick", "aria-label": `Show peer ${message.peer}`, onclick: () => this.#onChoose(message.peer) }, String(message.peer))
      : "us";
    return element("tr", {},
      element("td", { class: "mono", title: message.id }, message.id.slice(0, 16)),
      element("td", { class: "num" }, message.bytes.toLocaleString("en")),
      element("td", { class: "num" }, from),
      element("td", { class: "num" }, message.relayed == null ? "–" : milliseconds(message.relayed)),
      element("td", { class: "num" }, message.verdict === "own" ? "–" : milliseconds(message.judged)),
      element("td", {}, element("span", { class: `verdict ${message.verdict}`, "aria-hidden": "true" }, SIGNS[message.verdict]), ` ${WORDS[message.verdict]}`));
  }
}
