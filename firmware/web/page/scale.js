// Axes, and pieces of SVG.

/** A new SVG element with attributes and children. */
function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** From numbers in `low` to `high` to places in `from` to `to`; what is outside goes to the edge. */
function linear([low, high], [from, to]) {
  const place = (x) => from + ((to - from) * (Math.min(high, Math.max(low, x)) - low)) / (high - low || 1);
  return place;
}

/** The same on a log axis. */
function logarithmic([low, high], range) {
  const place = linear([Math.log(low), Math.log(high)], range);
  return (x) => place(Math.log(x));
}

/** Round numbers within a log axis, `most` at most: powers of ten; with 2 and 5, where those are few. */
function logTicks([low, high], most) {
  const within = (mantissas) => {
    const ticks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
      for (const mantissa of mantissas) {
        const tick = mantissa * 10 ** power;
        if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
      }
    }
    return ticks;
  };
  const choices = [[1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]].map(within);
  const chosen = choices.find((ticks) => ticks.length <= most) ?? choices[choices.length - 1];
  return chosen.filter((_, k) => k % Math.ceil(chosen.length / most) === 0);
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A number as a person reads it: 1,230, 4.5 million, 2·10⁹, 0.0012. */
function written(x) {
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size >= 1e9 || size < 1e-3) {
    const power = Math.floor(Math.log10(size) + 1e-9);
    const digits = String(Math.abs(power)).replace(/\d/g, (digit) => SUPERSCRIPTS[digit]);
    const mantissa = Number((x / 10 ** power).toPrecision(3));
    return `${mantissa === 1 ? "" : `${mantissa}·`}10${power < 0 ? "⁻" : ""}${digits}`;
  }
  if (size >= 1e6) return `${Number((x / 1e6).toPrecision(3))} million`;
  if (size >= 1000) return Math.round(x).toLocaleString("en");
  return String(Number(x.toPrecision(3)));
}
