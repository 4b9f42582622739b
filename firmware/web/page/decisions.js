// What a rule decides, half-step by half-step: the share of V, how many sweeps, their relaxations; or the step's length.

/** The height of a strip, its title included. */
const STRIP = 104;

/** Draws the last records into `place`. */
function drawDecisions(place, records) {
  const width = Math.max(280, place.clientWidth);
  const [left, right] = [62, 12];
  const shown = records.slice(-Math.min(160, Math.floor((width - left - right) / 6)));
  const step = Math.min(14, (width - left - right) / Math.max(1, shown.length));
  const sweeps = !records.some((record) => record.rate > 0);
  const strips = sweeps
    ? [shareStrip, sweepStrip(most([3, ...shown.map(({ moves }) => moves.length)])), relaxationStrip]
    : [shareStrip, rateStrip(shown)];
  const height = strips.length * STRIP + 22;
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img" });
  place.replaceChildren(picture);

  strips.forEach(({ title, ticks, scale, marks }, k) => {
    const [top, bottom] = [k * STRIP + 26, k * STRIP + 88];
    const y = scale([bottom, top]);
    picture.append(svg("text", { class: "strip", x: 2, y: top - 10 }, title));
    for (const [tick, label] of ticks) {
      picture.append(svg("line", { class: "grid", x1: left, x2: width - right, y1: y(tick), y2: y(tick) }));
      picture.append(svg("text", { x: left - 8, y: y(tick) + 4, "text-anchor": "end" }, label));
    }
    shown.forEach((record, at) => {
      const x = left + at * step;
      const kind = record.factor === "W" ? "of-w" : "of-h";
      for (const { bar, dot } of marks(record)) {
        picture.append(bar === undefined
          ? svg("circle", { class: kind, cx: x + step / 2, cy: y(dot), r: Math.min(3, 0.45 * step) })
          : svg("rect", { class: kind, x: x + 0.5, width: Math.max(1, step - 1), y: y(bar), height: bottom - y(bar) }));
      }
    });
  });
  const first = records.length - shown.length + 1;
  picture.append(svg("text", { x: left, y: height - 4 }, `half-step ${first}`));
  picture.append(svg("text", { x: left + step * shown.length, y: height - 4, "text-anchor": "end" },
    shown.length * step > 160 ? `${records.length}` : ""));
  picture.setAttribute("aria-label", records.length ? described(records[records.length - 1], records.length) : "nothing yet");
}

const shareStrip = {
  title: "share of V that is looked at",
  ticks: [[0, "0"], [0.5, "½"], [1, "1"]],
  scale: (range) => linear([0, 1], range),
  marks: ({ share }) => [{ bar: share }],
};

const relaxationStrip = {
  title: "relaxation ω of every sweep; HALS has 1",
  ticks: [[0, "0"], [1, "1"], [2, "2"]],
  scale: (range) => linear([0, 2], range),
  marks: ({ moves }) => moves.map((dot) => ({ dot })),
};

function sweepStrip(highest) {
  return {
    title: "sweeps",
    ticks: [[0, "0"], [highest, `${highest}`]],
    scale: (range) => linear([0, highest], range),
    marks: ({ moves }) => [{ bar: moves.length }],
  };
}

/** Rates over the certified bound 2/L, on a log axis. */
function rateStrip(shown) {
  const rates = shown.filter(({ rate, bound }) => rate > 0 && bound > 0).map(({ rate, bound }) => rate / bound);
  const ends = [Math.min(0.1, least([1, ...rates])), Math.max(10, most([1, ...rates]))];
  return {
    title: "step size α over the certified bound 2/L (log)",
    ticks: [[ends[0], axisNumber(ends[0])], [1, "1"], [ends[1], axisNumber(ends[1])]],
    scale: (range) => logarithmic(ends, range),
    marks: ({ rate, bound }) => (rate > 0 && bound > 0 ? [{ dot: rate / bound }] : []),
  };
}

/** A record in words. */
function described(record, number) {
  const { factor, share, moves, rate, bound, cost, outcome } = record;
  const percent = `${Number((100 * share).toPrecision(3))} % of V`;
  const done = moves.length > 0
    ? `${count(moves.length, "sweep")} with ω ${moves.map((omega) => omega.toFixed(2)).join(", ")}`
    : rate > 0
      ? `a gradient step of ${Number((rate / bound).toPrecision(3))} times 2/L`
      : outcome === "OtherFactorZero" ? "nothing to do, the other factor is zero" : "no move";
  return `Half-step ${number}, ${factor}: ${percent}, ${done}; ${written(cost)} multiply-adds.`;
}
