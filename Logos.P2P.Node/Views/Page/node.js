// The page of one node.

import { $, attribute, bytes, count, duration, initTheme, listen, milliseconds, onTheme, text } from "./common.js";
import { Actions } from "./actions.js";
import { drawDelays, quantile } from "./delays.js";
import { BucketMap } from "./buckets.js";
import { Radar } from "./radar.js";
import { PeerTable } from "./peers.js";
import { Ticker } from "./ticker.js";

const WINDOW = 60;
const RECENT = 5;

let bounds = [];
let relay = [], handler = [];
const states = [];
const histories = new Map();

const actions = new Actions();
const radar = new Radar($("radar"), id => choose(id, true));
const table = new PeerTable($("columns"), $("peers"), id => choose(id, false), actions);
const ticker = new Ticker($("ticker"), id => choose(id, true), id => radar.pulse(id));
const maps = { new: new BucketMap($("m-new"), $("bucket")), tried: new BucketMap($("m-tried"), $("bucket")) };

function choose(id, scrolls) {
  radar.choose(id);
  table.choose(id, scrolls);
}

/** What changed between the state of some seconds ago and now, for each second. */
function rate(name, seconds) {
  const last = states.at(-1), before = states[Math.max(0, states.length - 1 - seconds)];
  const passed = (last.time - before.time) / 1000;
  return passed > 0 ? Math.max(0, last[name] - before[name]) / passed : 0;
}

/** Adds rates and shares of the last minute to the peers. A peer's whole life counts until there is more. */
function follow(state) {
  const now = state.time / 1000;
  let allFirst = 0;
  for (const peer of state.peers) {
    const past = histories.get(peer.id) ?? [{ time: now - Math.max(1, peer.connected), received: 0, sent: 0, first: 0, isBirth: true }];
    histories.set(peer.id, past);
    past.push({ time: now, received: peer.received, sent: peer.sent, first: peer.first });
    // The beginning of its life goes as soon as there are a few seconds that were watched.
    if (past.length > (past[0].isBirth ? RECENT : WINDOW) + 1) past.shift();
    const since = past[0], passed = Math.max(0.5, now - since.time);
    peer.inRate = (peer.received - since.received) / passed;
    peer.outRate = (peer.sent - since.sent) / passed;
    peer.newFirst = peer.first - since.first;
    peer.isOut = peer.kind !== "inbound";
    allFirst += peer.newFirst;
  }
  for (const peer of state.peers) peer.share = allFirst ? peer.newFirst / allFirst : 0;
  const there = new Set(state.peers.map(peer => peer.id));
  for (const id of histories.keys()) if (!there.has(id)) histories.delete(id);
}

function tile(id, value, unit) {
  const node = $(id);
  if (node.dataset.said === `${value}${unit}`) return;
  node.dataset.said = `${value}${unit}`;
  const small = document.createElement("small");
  small.textContent = unit;
  node.replaceChildren(String(value), small);
}

function showTiles(state) {
  const ready = state.peers.filter(peer => peer.ready);
  const out = ready.filter(peer => peer.isOut).length;
  tile("t-peers", ready.length, `${out} out, ${ready.length - out} in`);
  const messages = rate("messages", RECENT);
  tile("t-messages", messages < 100 ? messages.toFixed(1) : count(messages), "a second");
  const fresh = rate("messages", WINDOW), again = rate("duplicates", WINDOW);
  tile("t-copies", fresh ? ((fresh + again) / fresh).toFixed(2) : "–", "each");
  for (const [id, name] of [["t-in", "received"], ["t-out", "sent"]]) {
    const [value, unit] = bytes(rate(name, RECENT)).split(" ");
    tile(id, value, `${unit} a second`);
  }
  const median = quantile(relay, bounds, 0.5), high = quantile(relay, bounds, 0.99);
  const [value, unit] = milliseconds(median && median * 1000).split(" ");
  tile("t-delay", value, median ? `${unit}, 99 %: ${milliseconds(high * 1000)}` : "");
  tile("t-addresses", count(state.addresses), "");
  const [size, sizeUnit] = bytes(state.memory).split(" ");
  tile("t-memory", size, sizeUnit);
}

function showState(state) {
  if (states.length && state.time < states.at(-1).time) states.length = 0;
  states.push(state);
  if (states.length > WINDOW + 1) states.shift();
  ({ relay, handler } = state);
  follow(state);
  showTiles(state);
  const leader = state.peers.reduce((best, peer) => peer.newFirst > (best?.newFirst ?? 0) ? peer : best, null);
  radar.show(state.peers, leader?.id);
  text($("radar-summary"), leader
    ? `${Math.round(leader.share * 100)} % of new messages come first from peer ${leader.id}`
    : state.peers.length ? "no message yet" : "no peer yet");
  table.show(state.peers);
  showDelays();
}

function showDelays() {
  if (bounds.length) drawDelays($("delays"), $("delay-summary"), bounds, relay, handler);
}

function showBans(bans) {
  text($("ban-summary"), bans.length ? `${bans.length} in force` : "none");
  const items = bans.map(ban => {
    const item = document.createElement("li");
    const hosts = document.createElement("code");
    hosts.textContent = ban.hosts;
    const until = document.createElement("span");
    until.className = "soft";
    until.textContent = `${duration(Math.max(0, (ban.until - Date.now()) / 1000))} left`;
    item.append(hosts, until);
    if (actions.isOffered) {
      const lift = document.createElement("button");
      lift.textContent = "Lift";
      lift.setAttribute("aria-label", `Lift the ban of ${ban.hosts}`);
      lift.addEventListener("click", () => actions.call("setban", [ban.hosts, "remove"], `${ban.hosts} is not banned any more`)
        .then(isDone => { if (isDone) item.remove(); }));
      item.append(lift);
    }
    return item;
  });
  $("bans").replaceChildren(...items);
}

listen({
  node(node) {
    bounds = node.bounds;
    text($("net"), node.network);
    text($("about"), [node.agent, ...node.listening].join("  "));
    document.title = `${node.listening[0] ?? "Logos P2P"} – Logos P2P`;
    attribute($("net"), "data-ready", "1");
    actions.offer(node.canAct);
  },
  state: showState,
  messages: news => ticker.add(news),
  tables(tables) {
    maps.new.show(tables.new, $("c-new"), "Heard of");
    maps.tried.show(tables.tried, $("c-tried"), "Tried");
  },
  bans: showBans,
});
onTheme(() => { maps.new.draw(); maps.tried.draw(); });
initTheme();
