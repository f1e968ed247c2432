// The same peers as a table: sorted as one likes, with what can be done to them.

import { attribute, bytes, duration, element, milliseconds, shape, text } from "./common.js";

const COLUMNS = [
  { key: "id", title: "Peer", number: true },
  { key: "isOut", title: "Dialled by" },
  { key: "address", title: "Address" },
  { key: "ping", title: "Ping", number: true, say: peer => milliseconds(peer.ping) },
  { key: "share", title: "First", number: true, say: peer => `${Math.round(peer.share * 100)} %` },
  { key: "inRate", title: "In / s", number: true, say: peer => bytes(peer.inRate) },
  { key: "outRate", title: "Out / s", number: true, say: peer => bytes(peer.outRate) },
  { key: "queued", title: "Waiting", number: true, say: peer => peer.queued ? bytes(peer.queued) : "–" },
  { key: "connected", title: "For", number: true, say: peer => duration(peer.connected) },
  { key: "agent", title: "Software" },
];

export class PeerTable {
  #body; #onChoose; #actions; #rows = new Map(); #heads = []; #peers = []; #chosen = null;
  #sort = { key: "ping", isDown: false };

  constructor(heads, body, onChoose, actions) {
    this.#body = body;
    this.#onChoose = onChoose;
    this.#actions = actions;
    for (const column of COLUMNS) {
      const head = element("th", { class: column.number ? "num" : "", scope: "col" },
        element("button", { onclick: () => this.#sortBy(column) }, column.title));
      this.#heads.push([column.key, head]);
      heads.append(head);
    }
    heads.append(element("th", { scope: "col", class: "actions" }, element("span", { class: "hidden" }, "Actions")));
  }

  show(peers) {
    this.#peers = peers;
    const { key, isDown } = this.#sort;
    const value = peer => peer[key] ?? Infinity;
    const sorted = [...peers].sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      const order = typeof x === "string" ? x.localeCompare(y, "en", { numeric: true }) : x - y;
      return (isDown ? -order : order) || a.id - b.id;
    });
    const there = new Set(peers.map(peer => peer.id));
    for (const [id, row] of this.#rows) {
      if (!there.has(id)) { row.remove(); this.#rows.delete(id); }
    }
    // Whoever holds the focus is not moved from under the person.
    const holds = this.#body.contains(document.activeElement);
    sorted.forEach((peer, i) => {
      const row = this.#rows.get(peer.id) ?? this.#create(peer);
      this.#fill(row, peer);
      if (!holds && this.#body.children[i] !== row) this.#body.insertBefore(row, this.#body.children[i] ?? null);
      else if (!row.parentNode) this.#body.append(row);
    });
    for (const [name, head] of this.#heads) attribute(head, "aria-sort", name === key ? isDown ? "descending" : "ascending" : "none");
  }

  choose(id, scrolls) {
    this.#rows.get(this.#chosen)?.classList.remove("chosen");
    this.#chosen = id;
    const row = this.#rows.get(id);
    row?.classList.add("chosen");
    if (!scrolls || !row) return;
    const box = this.#body.closest(".scroll");
    box.scrollTop = row.offsetTop - box.clientHeight / 2;
  }

  #sortBy(column) {
    const isSame = this.#sort.key === column.key;
    this.#sort = { key: column.key, isDown: isSame ? !this.#sort.isDown : Boolean(column.number) && column.key !== "id" };
    this.show(this.#peers);
  }

  #create(peer) {
    const side = peer.isOut ? "out" : "in";
    const form = peer.isOut
      ? shape("circle", { cx: 8, cy: 8, r: 5, fill: "currentColor" })
      : shape("path", { d: "M8 2l6 6-6 6-6-6z", fill: "none", stroke: "currentColor", "stroke-width": 2 });
    const sign = shape("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, form);
    const row = element("tr", { "data-peer": peer.id },
      element("td", { class: "num" }, element("button", { class: "pick", "aria-label": `Show peer ${peer.id}`, onclick: () => this.#onChoose(peer.id) }, String(peer.id))),
      element("td", { class: `direction ${side}` }, sign, peer.isOut ? " us" : " them", element("span", { class: "soft" }, peer.isOut && peer.kind !== "outbound" ? `, ${peer.kind}` : "")),
      ...COLUMNS.slice(2).map(column => element("td", { class: column.number ? "num" : column.key === "address" ? "mono" : "agent" })));
    const actions = element("td", { class: "actions" });
    if (this.#actions.isOffered) {
      actions.append(
        element("button", { class: "small", "aria-label": `Disconnect peer ${peer.id}`, onclick: () => this.#actions.disconnect(peer.id) }, "Disconnect"), " ",
        element("button", { class: "small", "aria-label": `Ban peer ${peer.id}`, onclick: () => this.#actions.ban(peer.address) }, "Ban"));
    }
    row.append(actions);
    this.#rows.set(peer.id, row);
    return row;
  }

  #fill(row, peer) {
    COLUMNS.slice(2).forEach((column, i) => text(row.children[i + 2], column.say ? column.say(peer) : peer[column.key]));
    row.classList.toggle("chosen", peer.id === this.#chosen);
  }
}
