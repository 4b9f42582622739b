// The module: its exports, with lines of JSON for what has names.

/** What a function of the module refuses to do, in its own words. */
class Refused extends Error {}

class Core {
  /** Compiles the module that stands in the page, base64 in the script `element`. */
  static async load(element) {
    const bytes = Uint8Array.from(atob(element.textContent.trim()), (letter) => letter.charCodeAt(0));
    const core = new Core();
    const print = (text, length) => core.lines.push(new TextDecoder().decode(core.bytes(text, length)));
    const { instance } = await WebAssembly.instantiate(bytes, { host: { print } });
    core.exports = instance.exports;
    core.rules = core.said((exports) => exports.rules()).map((line) => JSON.parse(line));
    return core;
  }

  lines = [];
  rules = [];

  bytes(start, length) {
    return new Uint8Array(this.exports.memory.buffer, start, length);
  }

  /** `count` floats of the module's memory; they stay there, and move when it grows. */
  floats(start, count) {
    return new Float32Array(this.exports.memory.buffer, start, count);
  }

  /** The lines that `work` says; what it says last is why, if it answers 0. */
  said(work) {
    this.lines = [];
    if (work(this.exports) === 0) throw new Refused(this.lines.pop() ?? "there is no such rule, or no table yet");
    return this.lines;
  }

  /** The digits: a table of so many images of 64 pixels. */
  digits() {
    const rows = this.exports.images();
    const columns = 64;
    return { rows, columns, values: Float32Array.from(this.bytes(this.exports.pixels(), rows * columns)) };
  }

  /** The fingerprint of all runs that processors are compared by: 16 digits of base 16. */
  fingerprint() {
    return BigInt.asUintN(64, this.exports.fingerprint()).toString(16).padStart(16, "0");
  }

  /** Begins to factorise a table; tells its first loss, and the cost of a full epoch. */
  begin({ rows, columns, values }, { place, parameters, rank, seed, epochs }) {
    this.floats(this.exports.parameters(), parameters.length).set(parameters);
    this.said((exports) => exports.choose(place));
    let start;
    this.said((exports) => (start = exports.room(rows, columns, rank)));
    this.floats(start, values.length).set(values);
    this.shape = { rows, columns, rank };
    return JSON.parse(this.said((exports) => exports.begin(seed, epochs))[0]);
  }

  /** The record of the next half-step. */
  halfStep() {
    return JSON.parse(this.said((exports) => exports.half_step())[0]);
  }

  /** W by rows and H by columns: `rank` numbers for every row, and for every column. */
  factors() {
    const { rows, columns, rank } = this.shape;
    return { w: this.floats(this.exports.w(), rows * rank), h: this.floats(this.exports.h(), columns * rank) };
  }
}
