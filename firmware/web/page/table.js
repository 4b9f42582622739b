// Tables of text: commas, semicolons, tabs or spaces; names above and at the left are left out.

const MOST_BYTES = 32e6;

/** Reads a file's text: `{ rows, columns, values }`. Throws an Error that says which line and cell is at fault. */
function readTable(text) {
  const lines = cellsOf(text.replace(/^\uFEFF/, ""));
  if (lines.length === 0) throw new Error("The file is empty: it needs a line of numbers at least.");
  const comma = lines.separator !== ",";
  const number = (cell) => {
    const written = comma ? cell.replace(",", ".") : cell;
    return written === "" ? NaN : Number(written);
  };
  const isName = (cell) => cell !== "" && !/^[-+]?(nan|inf|infinity|na)$/i.test(cell) && Number.isNaN(number(cell));
  const headed = lines[0].cells.slice(1).some(isName) || (lines[0].cells.length === 1 && isName(lines[0].cells[0]));
  const body = headed ? lines.slice(1) : lines;
  if (body.length === 0) throw new Error("The file has names but no line of numbers.");
  const named = (headed && lines[0].cells[0] === "") || body.every(({ cells }) => isName(cells[0]));
  const from = named ? 1 : 0;
  const width = body[0].cells.length;
  if (width - from < 1) throw new Error(`Line ${body[0].line} has a name but no number.`);

  const values = new Float32Array(body.length * (width - from));
  let at = 0;
  for (const { line, cells } of body) {
    if (cells.length !== width) {
      throw new Error(`Line ${line} has ${count(cells.length, "cell")}, but line ${body[0].line} has ${width}: ` +
        "every line needs the same number.");
    }
    for (let k = from; k < width; k++) {
      values[at++] = nonNegative(number(cells[k]), `Line ${line}, cell ${k + 1}`, cells[k]);
    }
  }
  return { rows: body.length, columns: width - from, values };
}

function nonNegative(value, place, cell) {
  if (cell === "") throw new Error(`${place} is empty: fill it in, or leave out its line.`);
  if (Number.isNaN(value)) throw new Error(`${place} is “${cell.slice(0, 20)}”, which is no number: put one there.`);
  if (value < 0) throw new Error(`${place} is negative (${cell}): every number has to be 0 or more.`);
  if (value > 2 ** 40) throw new Error(`${place} is ${cell}: numbers go up to 2⁴⁰, so divide the table by a constant.`);
  return value;
}

function count(n, noun) {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** The lines that are not blank, as `{ line, cells }` counted from 1; quotes around a cell are taken off. */
function cellsOf(text) {
  const first = text.split(/\r\n|\r|\n/, 200).find((line) => line.trim() !== "") ?? "";
  const separator = [";", "\t", ","].find((mark) => first.includes(mark)) ?? " ";
  const lines = [];
  lines.separator = separator;
  text.split(/\r\n|\r|\n/).forEach((line, k) => {
    if (line.trim() !== "") lines.push({ line: k + 1, cells: split(line, separator) });
  });
  return lines;
}

function split(line, separator) {
  if (!line.includes('"')) {
    const cells = separator === " " ? line.trim().split(/\s+/) : line.split(separator);
    return cells.map((cell) => cell.trim());
  }
  const cells = [""];
  let quoted = false;
  for (const letter of line) {
    if (letter === '"') quoted = !quoted;
    else if (letter === separator && !quoted) cells.push("");
    else cells[cells.length - 1] += letter;
  }
  return cells.map((cell) => cell.trim());
}
