// The page: controls, what is factorised, and the loop that makes half-steps a few at a time.

const at = (id) => document.getElementById(id);

/** How long half-steps may take before the page gets its turn, and how often it is drawn, in milliseconds. */
const SLICE = 12;
const WATCHED = 60;
const DRAWN_EVERY = 40;

/** The longest side that a rank can be chosen for here. */
const MOST_RANK = 64;

let core;
let source; // V, what it is called, and what its sides are
let curves = []; // of this V; the last is the one under way
let records = []; // of the run under way
let options; // what it was begun with
let unit; // multiply-adds of a full epoch
let running = false;
let drawn = 0;
let microphone = null;

/** Does `work`, and tells its refusal in a sentence. */
async function attempt(work) {
  at("error").hidden = true;
  try {
    await work();
  } catch (error) {
    stop();
    const sentence = error.message.charAt(0).toUpperCase() + error.message.slice(1);
    at("error").textContent = /[.:]$/.test(sentence) ? sentence : `${sentence}.`;
    at("error").hidden = false;
  }
}

/** The whole number in a field. */
function whole(id, low, high, why = "") {
  const value = at(id).valueAsNumber;
  if (!Number.isInteger(value) || value < low || value > high) {
    const name = at(id).labels[0].textContent.trim();
    throw new Error(`${name} has to be a whole number from ${low} to ${high}${why}.`);
  }
  return value;
}

function chosen() {
  const place = Number(at("rule").value);
  const { name, parameters } = core.rules[place];
  const numbers = [...at("parameters").querySelectorAll("input")].map((input) => input.valueAsNumber);
  const missing = numbers.findIndex(Number.isNaN);
  if (missing >= 0) throw new Error(`The parameter ${parameters[missing][0]} of ${name} has to be a number.`);
  const most = Math.min(MOST_RANK, source.rows, source.columns);
  return {
    place,
    parameters: numbers,
    rule: numbers.length > 0 ? `${name}(${numbers.join(", ")})` : name,
    rank: whole("rank", 1, most, most < MOST_RANK ? ", the smaller side of V" : ""),
    seed: whole("seed", 0, 2 ** 32 - 1),
    epochs: whole("epochs", 1, 100000),
  };
}

/** Begins the run that is chosen, from its start; curves before it stay, but for one that it repeats. */
function restart() {
  stop();
  const next = chosen();
  const { loss, full_epoch } = core.begin(source, next);
  [options, unit, records] = [next, full_epoch, []];
  const label = `${next.rule}, rank ${next.rank}, seed ${next.seed}`;
  curves = curves.filter((curve) => curve.points.length > 0 && curve.label !== label).slice(1 - COLOURS);
  const colour = [...Array(COLOURS).keys()].find((k) => curves.every((curve) => curve.colour !== k));
  curves.push(new Curve(label, loss, colour));
  draw();
}

function isOver() {
  const still = records.length >= 2 && records.slice(-2).every(({ outcome }) => outcome !== "Stepped");
  return still || records.length >= 2 * options.epochs;
}

function halfStep() {
  const record = core.halfStep();
  records.push(record);
  const curve = curves[curves.length - 1];
  curve.push((curve.last?.[0] ?? 0) + record.cost, record.loss);
}

function start() {
  if (isOver()) restart();
  running = true;
  showRunning();
  slice();
}

function stop() {
  running = false;
  showRunning();
}

function showRunning() {
  at("run").textContent = running ? "Pause" : "Run";
}

/** Half-steps for as long as a slice may take, then the page's turn. */
function slice() {
  if (!running) return;
  const fast = at("pace").value === "fast";
  const began = performance.now();
  for (let k = 0; k < 64 && !isOver(); k++) {
    halfStep();
    if (!fast || performance.now() - began > SLICE) break;
  }
  if (isOver()) {
    stop();
    draw();
    return;
  }
  if (performance.now() - drawn > DRAWN_EVERY) draw();
  setTimeout(() => running && attempt(slice), fast ? 0 : WATCHED);
}

/** Everything that changes with a half-step. */
function draw() {
  drawn = performance.now();
  const curve = curves[curves.length - 1];
  const [cost, loss] = curve.last ?? [0, curve.first];
  at("epoch").textContent = `${Math.floor(records.length / 2)} of ${options.epochs}`;
  at("first-loss").textContent = written(curve.first);
  at("loss").textContent = written(loss);
  at("cost").textContent = written(cost);
  at("full-epochs").textContent = (cost / unit).toFixed(1);
  const ink = getComputedStyle(document.body).color.match(/\d+/g).slice(0, 3).map(Number);
  const side = at("look").value === "images" ? squareSide(source) : null;
  drawParts(at("parts"), core.factors(), { rank: options.rank, sides: source.sides }, side, ink);
  at("parts-note").textContent = side
    ? `Every ${side === "columns" ? "row" : "column"} of V is made of these, each times a number of its own; below, some of V and of WH.`
    : `Of every part, its row of H over the ${source.sides[1]}; below, its column of W over the ${source.sides[0]}.`;
  drawSome(at("some"), source, core.factors(), options.rank, side, ink);
  drawCurves(at("loss-chart"), curves);
  listCurves(at("curves"), curves);
  drawDecisions(at("decisions"), records);
  at("decision").textContent = records.length > 0 ? described(records[records.length - 1], records.length) : "\u00a0";
}

/** Takes another V, and runs; the V before it, where that is refused. */
function use(next) {
  hush();
  const previous = source;
  try {
    take(next);
  } catch (error) {
    if (previous) take(previous);
    throw error;
  }
  start();
}

function take(next) {
  source = next;
  curves = [];
  const square = squareSide(source);
  at("look-label").hidden = square === null;
  at("heard").hidden = !source.lines;
  at("look").value = "images";
  at("rank").value = Math.min(at("rank").value, source.rows, source.columns);
  at("source").textContent = `${source.name}: ${source.rows} × ${source.columns}`;
  restart();
}

function useDigits() {
  const digits = core.digits();
  at("sample-count").textContent = digits.rows;
  use({ ...digits, name: "Handwritten digits, images by pixels", sides: ["rows", "columns"] });
}

async function useFile(file) {
  if (file.size > MOST_BYTES) {
    throw new Error(`${file.name} has ${Math.round(file.size / 1e6)} MB, and this page takes ${MOST_BYTES / 1e6}: ` +
      "leave out some lines.");
  }
  const table = readTable(await file.text());
  use({ ...table, name: file.name, sides: ["rows", "columns"] });
}

/** Listens until it is told again, or has heard enough; then what was heard is V. */
async function listen() {
  if (microphone) {
    const table = microphone.table();
    return use({ ...table, name: "Sound, frequencies by moments", sides: ["frequencies", "moments"], lines: true });
  }
  stop();
  const ink = getComputedStyle(document.body).color;
  at("listen").disabled = true;
  try {
    microphone = await Microphone.open((columns) => {
      drawHeard(at("heard"), columns, ink);
      if (microphone?.full) attempt(listen);
    });
  } finally {
    at("listen").disabled = false;
  }
  showListening(true);
}

/** Ends listening, if it was. */
function hush() {
  microphone?.close();
  microphone = null;
  showListening(false);
}

function showListening(listening) {
  at("listen").setAttribute("aria-pressed", listening);
  at("listen").textContent = listening ? "Stop" : "Listen";
  if (listening) {
    at("heard").hidden = false;
    at("source").textContent = "Listening, for eight seconds at most …";
  }
}

/** The rule's description, and a field for each of its parameters, with these numbers or its defaults. */
function showRule(numbers) {
  const { does, parameters } = core.rules[Number(at("rule").value)];
  at("does").textContent = does.charAt(0).toUpperCase() + does.slice(1) + ".";
  at("parameters").replaceChildren(...parameters.map(([name, value], k) => {
    const label = document.createElement("label");
    const input = document.createElement("input");
    Object.assign(input, { type: "number", step: "any", value: numbers?.[k] ?? value });
    label.append(name.replace("_", " "), " ", input);
    return label;
  }));
}

function listRules() {
  const groups = [
    ["chosen by a policy", (rule) => rule.policy],
    ["sweeps over components", (rule) => rule.sweeps && !rule.policy],
    ["gradient steps", (rule) => !rule.sweeps && !rule.policy],
  ];
  for (const [label, belongs] of groups) {
    const group = document.createElement("optgroup");
    group.label = label;
    core.rules.forEach((rule, place) => belongs(rule) && group.append(new Option(rule.name, place)));
    at("rule").append(group);
  }
  showRule();
}

/** Sets the controls as the address says: #rule=growing(0.2,1.2,1.3,3)&rank=6&seed=1&run=20 does 20 epochs, fast. */
function readAddress() {
  const wishes = new URLSearchParams(location.hash.slice(1));
  const rule = wishes.get("rule")?.match(/^(\w+)(?:\((.*)\))?$/);
  if (wishes.has("rule")) {
    const place = core.rules.findIndex(({ name }) => name === rule?.[1]);
    if (place < 0) {
      const names = core.rules.map(({ name }) => name).join(", ");
      throw new Error(`There is no rule “${wishes.get("rule")}”: use one of ${names}.`);
    }
    at("rule").value = place;
    showRule(rule[2]?.split(",").map(Number));
  }
  for (const id of ["rank", "seed"]) if (wishes.has(id)) at(id).value = wishes.get(id);
  if (wishes.has("run")) {
    at("epochs").value = wishes.get("run");
    at("pace").value = "fast";
  }
}

/** Whether this browser computes what the Cortex-M4F does, by every run that processors are compared by. */
function compareBits() {
  const here = core.fingerprint();
  const there = at("module").dataset.cortexM4f;
  const same = here === there;
  at("badge").dataset.state = same ? "same" : "different";
  at("badge-text").textContent = `${same ? "✓ same bits as" : "✗ other bits than"} on the Cortex-M4F`;
  at("badge-details").innerHTML = `This browser has just done the ${core.exports.runs()} runs that processors are
    compared by: every rule for 20 epochs on 24 digits. The fingerprint of all their factors and losses
    is <code>${here}</code> here, and <code>${there}</code> as tested on an emulated Cortex-M4F.`;
}

function listenToControls() {
  const on = (id, event, work) => at(id).addEventListener(event, (happened) => attempt(() => work(happened)));
  const anew = () => (restart(), start());
  on("digits", "click", useDigits);
  on("choose-file", "click", () => at("file").click());
  on("file", "change", async () => {
    const [file] = at("file").files;
    at("file").value = "";
    if (file) await useFile(file);
  });
  on("listen", "click", listen);
  on("rule", "change", () => (showRule(), anew()));
  for (const id of ["parameters", "rank", "seed", "epochs"]) on(id, "change", anew);
  on("look", "change", draw);
  on("run", "click", () => (running ? stop() : start()));
  on("step", "click", () => {
    stop();
    if (isOver()) restart();
    halfStep();
    draw();
  });
  at("controls").addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(anew);
  });
  addEventListener("hashchange", () => attempt(() => (readAddress(), anew())));
  const again = () => curves.length > 0 && draw();
  addEventListener("resize", again);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) at("pace").value = "fast";

  let inside = 0;
  addEventListener("dragenter", () => (at("drop").hidden = ++inside === 0));
  addEventListener("dragleave", () => (at("drop").hidden = --inside <= 0));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    inside = 0;
    at("drop").hidden = true;
    attempt(async () => {
      const [file] = event.dataTransfer.files;
      if (!file) throw new Error("That was no file: drop a CSV file.");
      await useFile(file);
    });
  });
}

attempt(async () => {
  core = await Core.load(at("module"));
  listRules();
  listenToControls();
  compareBits();
  await attempt(readAddress);
  if (at("error").hidden) useDigits();
});
