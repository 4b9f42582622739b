// The parts: a component's row of H and its column of W, as an image where that makes one, else as lines.

/** The side that makes square images, "columns" before "rows"; null if neither does. */
function squareSide({ rows, columns, lines }) {
  const isSquare = (length) => length >= 16 && Number.isInteger(Math.sqrt(length));
  if (lines) return null;
  return isSquare(columns) ? "columns" : isSquare(rows) ? "rows" : null;
}

/** Component k of a factor that has `rank` numbers for each of its rows. */
function component(factor, k, rank) {
  return Float32Array.from({ length: factor.length / rank }, (_, i) => factor[i * rank + k]);
}

/** Draws every part into the list `place`: `side` makes images, or null for lines. */
function drawParts(place, { w, h }, { rank, sides }, side, ink) {
  while (place.children.length > rank) place.lastChild.remove();
  while (place.children.length < rank) place.append(document.createElement("li"));
  place.classList.toggle("images", side !== null);
  [...place.children].forEach((item, k) => {
    if (side !== null) {
      drawImage(kept(item, "canvas"), component(side === "columns" ? h : w, k, rank), ink);
      item.firstChild.setAttribute("role", "img");
      item.firstChild.setAttribute("aria-label", `part ${k + 1}`);
    } else {
      item.replaceChildren(
        line(component(h, k, rank), `part ${k + 1} over the ${sides[1]}`, "of-h"),
        line(component(w, k, rank), `part ${k + 1} over the ${sides[0]}`, "of-w"),
      );
    }
  });
}

/** Some rows of V (columns, where those are images) and, below each, what WH makes of it; nothing for lines. */
function drawSome(place, { rows, columns, values }, { w, h }, rank, side, ink) {
  place.hidden = side === null;
  if (side === null) return;
  const [count, size] = side === "columns" ? [rows, columns] : [columns, rows];
  const [sums, parts] = side === "columns" ? [w, h] : [h, w];
  const shown = Math.min(12, count);
  const slots = 2 * shown;
  while (place.children.length > slots) place.lastChild.remove();
  while (place.children.length < slots) place.append(document.createElement("canvas"));
  place.style.setProperty("--shown", shown);
  for (let k = 0; k < shown; k++) {
    const i = Math.floor((k * count) / shown);
    const original = side === "columns"
      ? values.subarray(i * columns, (i + 1) * columns)
      : Float32Array.from({ length: size }, (_, j) => values[j * columns + i]);
    const made = Float32Array.from({ length: size }, (_, j) => {
      let sum = 0;
      for (let q = 0; q < rank; q++) sum += sums[i * rank + q] * parts[j * rank + q];
      return sum;
    });
    const darkest = most(original);
    drawImage(place.children[k], original, ink, darkest);
    drawImage(place.children[shown + k], made, ink, darkest);
  }
}

/** The only child of `item`, an element of that name. */
function kept(item, name) {
  if (item.firstChild?.localName !== name) item.replaceChildren(document.createElement(name));
  return item.firstChild;
}

/** Numbers as a square of ink, `darkest` and above the darkest. */
function drawImage(canvas, numbers, ink, darkest = most(numbers)) {
  const size = Math.sqrt(numbers.length);
  if (canvas.width !== size) canvas.width = canvas.height = size;
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(size, size);
  numbers.forEach((x, i) => pixels.data.set([...ink, Math.min(255, Math.round((255 * x) / (darkest || 1)))], 4 * i));
  context.putImageData(pixels, 0, 0);
}

/** Numbers from left to right, as high as the largest. */
function line(numbers, label, kind) {
  const places = binned(numbers, 240);
  const highest = most(places) || 1;
  const points = places.map((x, i) => `${(i * 240) / Math.max(1, places.length - 1)},${(39 - (37 * x) / highest).toFixed(1)}`);
  return svg("svg", { class: "line", viewBox: "0 0 240 40", preserveAspectRatio: "none", role: "img", "aria-label": label },
    svg("polyline", { class: kind, points: points.join(" ") }));
}

/** The largest of every few numbers, so that at most `count` are left. */
function binned(numbers, count) {
  const few = Math.ceil(numbers.length / count);
  return Array.from({ length: Math.ceil(numbers.length / few) }, (_, i) => most([...numbers.subarray(i * few, (i + 1) * few)]));
}
