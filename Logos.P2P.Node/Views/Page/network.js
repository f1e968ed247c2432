// The page of a whole network: a message colours the nodes as it reaches them.

import { $, attribute, element, initTheme, listen, milliseconds, onTheme, ramp, shape, text, wantsMotion } from "./common.js";

const WIDTH = 1000, HEIGHT = 760, MARGIN = 34;
/** How long a message takes to spread when it is played, whatever it took. */
const PLAY_MS = 2500;

const svg = $("network"), links = shape("g"), nodes = shape("g");
svg.append(links, nodes);
let graph = { nodes: [], edges: [] };
const marks = [], lines = new Map(), messages = new Map(), rows = new Map();
let chosen = null, playing = 0;

const place = node => [MARGIN + node.x * (WIDTH - 2 * MARGIN), MARGIN + node.y * (HEIGHT - 2 * MARGIN)];
const linkOf = (a, b) => lines.get(a < b ? `${a} ${b}` : `${b} ${a}`);

function showGraph(news) {
  graph = news;
  const radius = Math.max(8, Math.min(17, 230 / Math.sqrt(graph.nodes.length)));
  while (marks.length > graph.nodes.length) marks.pop().group.remove();
  while (marks.length < graph.nodes.length) marks.push(create(marks.length));
  graph.nodes.forEach((node, i) => {
    const [x, y] = place(node), { group, circle, cross, label } = marks[i];
    attribute(group, "transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
    attribute(circle, "r", radius);
    attribute(cross, "transform", `scale(${(radius / 12).toFixed(2)})`);
    attribute(label, "font-size", (radius * 0.85).toFixed(1));
    attribute(label, "y", (radius * 0.3).toFixed(1));
    group.classList.toggle("dead", !node.runs);
  });
  const wanted = new Set();
  for (const [a, b] of graph.edges) {
    const key = a < b ? `${a} ${b}` : `${b} ${a}`;
    wanted.add(key);
    if (!lines.has(key)) { lines.set(key, shape("line", { class: "edge" })); links.append(lines.get(key)); }
    const [x1, y1] = place(graph.nodes[a]), [x2, y2] = place(graph.nodes[b]);
    for (const [name, value] of Object.entries({ x1, y1, x2, y2 })) attribute(lines.get(key), name, value.toFixed(1));
  }
  for (const [key, line] of lines) if (!wanted.has(key)) { line.remove(); lines.delete(key); }
  const alive = graph.nodes.filter(node => node.runs).length;
  text($("network-summary"), `${alive} of ${graph.nodes.length} run, ${lines.size} links`);
  showAgain();
}

function create(number) {
  const circle = shape("circle"), label = shape("text", {}, String(number));
  const cross = shape("path", { class: "cross", d: "M-6-6 6 6M6-6-6 6" });
  const group = shape("g", { class: "node", role: "img", tabindex: number ? -1 : 0, "data-node": number }, circle, label, cross);
  group.addEventListener("focus", () => tell(number));
  group.addEventListener("click", () => group.focus());
  nodes.append(group);
  return { group, circle, cross, label };
}

/** Says of a node when it had the message that is shown, and from whom. */
function tell(number) {
  const message = messages.get(chosen);
  const receipt = message?.receipts.find(one => one.node === number);
  text($("node"), !message ? `Node ${number}` : message.node === number ? `Node ${number} sent it`
    : receipt?.ms == null ? `Node ${number} has it not`
    : `Node ${number} had it after ${milliseconds(receipt.ms)}${receipt.from == null ? "" : `, from node ${receipt.from}`}`);
}

/** Shows where the chosen message was so many milliseconds after it was sent. */
function colour(at) {
  const message = messages.get(chosen), last = message?.last || 1;
  const receipts = new Map(message?.receipts.map(one => [one.node, one]));
  for (const line of lines.values()) line.classList.remove("way");
  let reached = 0;
  marks.forEach(({ group, circle }, number) => {
    const receipt = receipts.get(number), isOrigin = message?.node === number;
    const has = isOrigin || (receipt?.ms != null && receipt.ms <= at);
    // Early ones are full in colour, late ones faint: one sees where it began.
    const rgb = has ? ramp(1 - 0.82 * (isOrigin ? 0 : Math.min(1, receipt.ms / last))) : null;
    circle.style.fill = rgb ? `rgb(${rgb})` : "";
    const brightness = rgb ? (rgb[0] * 299 + rgb[1] * 587 + rgb[2] * 114) / 1000 : null;
    group.style.setProperty("--text", brightness == null ? "" : brightness > 135 ? "#15181c" : "#fff");
    group.classList.toggle("origin", isOrigin);
    group.classList.toggle("missed", Boolean(receipt && receipt.ms == null && at === Infinity));
    attribute(group, "aria-label", `Node ${number}${isOrigin ? ", sent it" : receipt?.ms == null ? "" : `, after ${milliseconds(receipt.ms)}`}`);
    if (has && !isOrigin) reached++;
    if (has && receipt?.from != null) linkOf(number, receipt.from)?.classList.add("way");
  });
  if (message) text($("clock"), `${milliseconds(Math.min(at, last))}: ${reached + 1} of ${message.receipts.length + 1}`);
}

function showMessage(message) {
  const times = message.receipts.map(one => one.ms).filter(ms => ms != null).sort((a, b) => a - b);
  message.last = times.at(-1) ?? 0;
  message.reached = times.length;
  const before = messages.get(message.id);
  messages.set(message.id, message);
  const row = rows.get(message.id) ?? add(message);
  const cells = [message.id.slice(0, 16), message.bytes.toLocaleString("en"), String(message.node), `${times.length + 1}/${message.receipts.length + 1}`,
    milliseconds(times[Math.ceil(times.length / 2) - 1]), milliseconds(times.at(-1)), message.hops == null ? "–" : String(message.hops)];
  cells.forEach((words, i) => text(i ? row.children[i] : row.firstChild.firstChild, words));
  text($("messages-summary"), `${messages.size}, latest first; choose one to see its way`);
  if (!before && row === $("messages").firstChild) choose(message.id);
  else if (message.id === chosen && before.reached !== message.reached) showAgain();
}

function add(message) {
  const pick = element("button", { class: "pick mono", onclick: () => choose(message.id) });
  const row = element("tr", {}, element("td", {}, pick), ...Array.from({ length: 6 }, () => element("td", { class: "num" })));
  row.dataset.time = message.time;
  rows.set(message.id, row);
  $("messages").insertBefore(row, [...$("messages").children].find(other => Number(other.dataset.time) < message.time) ?? null);
  return row;
}

function choose(id) {
  rows.get(chosen)?.classList.remove("chosen");
  chosen = id;
  rows.get(id)?.classList.add("chosen");
  $("play").disabled = $("time").disabled = false;
  if (wantsMotion()) play();
  else { stop(); show(1); }
}

function show(share) {
  $("time").value = share * 1000;
  colour(share >= 1 ? Infinity : share * (messages.get(chosen)?.last ?? 0));
}

/** The moment that is looked at stays when the network, the message or the colours change. */
function showAgain() {
  if (!playing) show($("time").value / 1000);
}

function stop() {
  cancelAnimationFrame(playing);
  playing = 0;
  text($("play"), "Play");
}

function play() {
  stop();
  text($("play"), "Stop");
  const start = performance.now();
  const step = now => {
    const share = Math.min(1, Math.max(0, now - start) / PLAY_MS);
    show(share);
    if (share < 1) playing = requestAnimationFrame(step);
    else stop();
  };
  playing = requestAnimationFrame(step);
}

$("play").addEventListener("click", () => playing ? (stop(), show(1)) : play());
$("time").addEventListener("input", () => { stop(); showAgain(); });
svg.addEventListener("keydown", event => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  const at = Number(document.activeElement?.dataset?.node);
  if (!step || Number.isNaN(at)) return;
  event.preventDefault();
  const next = (at + step + marks.length) % marks.length;
  marks.forEach(({ group }, i) => attribute(group, "tabindex", i === next ? 0 : -1));
  marks[next].group.focus();
});

listen({
  network: news => text($("about"), `${news.directory}  relay: ${news.relay}`),
  graph: showGraph,
  spread: showMessage,
});
onTheme(showAgain);
initTheme();
