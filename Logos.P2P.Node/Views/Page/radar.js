// Peers around the node: the direction says who dialled, the distance how long a ping takes, the line how many bytes pass, the
// size who brings messages first.

import { attribute, bytes, milliseconds, shape, text, wantsMotion } from "./common.js";

const HUB = 34, INNER = 62, OUTER = 226, NEAREST = 0.1, FARTHEST = 1000;
const RINGS = [0.1, 1, 10, 100, 1000];
const GAP = 0.22;

function radius(ping) {
  if (ping == null) return OUTER + 12;
  const share = Math.log(Math.max(NEAREST, ping) / NEAREST) / Math.log(FARTHEST / NEAREST);
  return INNER + Math.min(1, share) * (OUTER - INNER);
}

function arc(from, to, r) {
  const point = a => `${(r * Math.cos(a)).toFixed(1)} ${(r * Math.sin(a)).toFixed(1)}`;
  return `M${point(from)}A${r} ${r} 0 ${to - from > Math.PI ? 1 : 0} 1 ${point(to)}`;
}

export class Radar {
  #svg; #onChoose; #marks = new Map(); #order = []; #chosen = null;
  #sectors = shape("g"); #peers = shape("g"); #pulses = shape("g"); #scale = shape("g");
  #label = shape("text", { class: "label" }); #pointed = null;

  constructor(svg, onChoose) {
    this.#svg = svg;
    this.#onChoose = onChoose;
    svg.append(...RINGS.map(ping => shape("circle", { class: "ring", r: radius(ping) })), this.#sectors, this.#peers,
      shape("circle", { class: "self", r: HUB }), shape("text", { class: "self-text", y: 4, "text-anchor": "middle" }, "this node"),
      this.#pulses, this.#scale, this.#label);
    svg.addEventListener("keydown", event => this.#move(event));
  }

  show(peers, leader) {
    const outs = peers.filter(peer => peer.isOut), ins = peers.filter(peer => !peer.isOut);
    // Each side has room by its number, and at least a quarter of the circle.
    const part = !outs.length ? 0 : !ins.length ? 1 : Math.min(0.75, Math.max(0.25, outs.length / peers.length));
    const half = Math.PI * part;
    const sides = [["out", outs, -half, half, "we dialled"], ["in", ins, half, 2 * Math.PI - half, "they dialled"]];
    this.#sectors.replaceChildren(...sides.filter(side => side[1].length).flatMap(([name, all, from, to, words]) => [
      shape("path", { class: `sector ${name}`, d: arc(from + GAP / 2, to - GAP / 2, OUTER + 22) }),
      shape("text", { class: `side ${name}`, x: name === "out" ? OUTER + 32 : -OUTER - 32, y: -OUTER + 12, "text-anchor": name === "out" ? "end" : "start" },
        `${all.length} ${words}`),
    ]));
    // Where the sides meet there is nobody, so there is room for what the rings mean.
    const clear = part === 1 ? Math.PI : -half;
    this.#scale.replaceChildren(...RINGS.map(ping => shape("text", {
      class: "scale", x: radius(ping) * Math.cos(clear), y: radius(ping) * Math.sin(clear) + 4, "text-anchor": "middle",
    }, milliseconds(ping))));
    this.#peers.style.setProperty("--crowd", Math.min(1, 40 / Math.max(1, peers.length)));
    const there = new Set(peers.map(peer => peer.id));
    for (const [id, mark] of this.#marks) {
      if (!there.has(id)) { mark.group.remove(); this.#marks.delete(id); }
    }
    this.#order = [];
    for (const [name, all, from, to] of sides) {
      all.forEach((peer, i) => {
        const angle = from + GAP / 2 + (to - from - GAP) * (i + 0.5) / all.length;
        this.#place(peer, name, angle, peer.id === leader);
        this.#order.push(peer.id);
      });
    }
    this.#rove();
    this.#name();
  }

  choose(id) {
    this.#marks.get(this.#chosen)?.group.classList.remove("chosen");
    this.#chosen = id;
    const mark = this.#marks.get(id);
    mark?.group.classList.add("chosen");
    // On top of the others.
    if (mark && document.activeElement !== mark.group) this.#peers.append(mark.group);
    this.#rove();
    this.#name();
  }

  /** Writes who is pointed at or chosen beside him: away from the middle, unless there is no room. */
  #name() {
    const mark = this.#marks.get(this.#pointed ?? this.#chosen);
    text(this.#label, mark?.words ?? "");
    if (!mark) return;
    const isRight = (mark.x >= 0) === (mark.r < 120), away = mark.size + 8;
    attribute(this.#label, "text-anchor", isRight ? "start" : "end");
    attribute(this.#label, "x", (mark.x + (isRight ? away : -away)).toFixed(1));
    attribute(this.#label, "y", (mark.y + 4).toFixed(1));
  }

  /** A message came from a peer: a dot runs along its line. */
  pulse(id) {
    const mark = this.#marks.get(id);
    if (!mark || !wantsMotion() || document.hidden || this.#pulses.childElementCount > 40) return;
    const dot = shape("circle", { class: "pulse", r: 3 });
    this.#pulses.append(dot);
    dot.animate([{ transform: `translate(${mark.x}px, ${mark.y}px)`, opacity: 1 }, { transform: `translate(${mark.x * HUB / mark.r}px, ${mark.y * HUB / mark.r}px)`, opacity: .5 }],
      { duration: 650, easing: "ease-in" }).finished.finally(() => dot.remove());
  }

  #place(peer, side, angle, leads) {
    const mark = this.#marks.get(peer.id) ?? this.#create(peer, side);
    const r = radius(peer.ping), x = r * Math.cos(angle), y = r * Math.sin(angle);
    Object.assign(mark, { x, y, r });
    const rate = peer.inRate + peer.outRate, size = 4 + 12 * Math.sqrt(peer.share);
    mark.group.classList.toggle("leads", leads);
    mark.group.classList.toggle("waiting", !peer.ready);
    for (const [name, value] of [["x1", HUB * Math.cos(angle)], ["y1", HUB * Math.sin(angle)], ["x2", x], ["y2", y]])
      attribute(mark.line, name, value.toFixed(1));
    attribute(mark.line, "stroke-width", (0.5 + Math.min(5, Math.log10(1 + rate / 100) * 1.3)).toFixed(2));
    attribute(mark.arrow, "transform", `translate(${((r - size - 9) * Math.cos(angle)).toFixed(1)} ${((r - size - 9) * Math.sin(angle)).toFixed(1)}) rotate(${(angle * 180 / Math.PI + (side === "out" ? 0 : 180)).toFixed(1)}) scale(.8)`);
    attribute(mark.place, "transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
    attribute(mark.shape, "transform", `scale(${(size / 5).toFixed(2)})`);
    attribute(mark.halo, "r", (size + 5).toFixed(1));
    mark.words = `${peer.address}  ${milliseconds(peer.ping)}`;
    mark.size = size;
    attribute(mark.group, "aria-label",
      `Peer ${peer.id}, ${peer.address}, ${side === "out" ? "we dialled" : "they dialled"}, ping ${milliseconds(peer.ping)}, ${bytes(rate)} a second, first with ${Math.round(peer.share * 100)} percent of new messages`);
  }

  #create(peer, side) {
    const line = shape("line", { "vector-effect": "non-scaling-stroke" });
    const arrow = shape("path", { d: "M-4 -4 4 0-4 4z", fill: "currentColor", opacity: .75 });
    const halo = shape("circle", { class: "halo" });
    const form = side === "out" ? shape("circle", { class: "shape", r: 5 }) : shape("path", { class: "shape", d: "M0-5.6 5.6 0 0 5.6-5.6 0z" });
    form.setAttribute("vector-effect", "non-scaling-stroke");
    const place = shape("g", {}, halo, form);
    const group = shape("g", { class: `peer ${side}`, role: "button", tabindex: -1, "data-peer": peer.id }, line, arrow, place);
    group.addEventListener("click", () => this.#onChoose(peer.id));
    group.addEventListener("focus", () => this.#onChoose(peer.id));
    group.addEventListener("mouseenter", () => { this.#pointed = peer.id; this.#name(); });
    group.addEventListener("mouseleave", () => { this.#pointed = null; this.#name(); });
    this.#peers.append(group);
    const mark = { group, line, arrow, halo, shape: form, place, x: 0, y: 0, r: 1, size: 4, words: "" };
    this.#marks.set(peer.id, mark);
    return mark;
  }

  /** One stop for the tabulator; arrows go on from there. */
  #rove() {
    const stop = this.#marks.has(this.#chosen) ? this.#chosen : this.#order[0];
    for (const [id, mark] of this.#marks) attribute(mark.group, "tabindex", id === stop ? 0 : -1);
  }

  #move(event) {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    const at = this.#order.indexOf(Number(document.activeElement?.dataset?.peer));
    if (step === undefined || at < 0) return;
    event.preventDefault();
    const length = this.#order.length;
    const next = Number.isFinite(step) ? (at + step + length) % length : step < 0 ? 0 : length - 1;
    this.#marks.get(this.#order[next])?.group.focus();
  }
}
