// Sound as a table: a row for a frequency, a column for a moment, magnitudes as the browser's analyser gives them.

const BINS = 128;
const MOST_COLUMNS = 400;
const WINDOW = 1024;

class Microphone {
  columns = [];

  /** Asks for the microphone; `heard` is called after every column, with the table's columns so far. */
  static async open(heard) {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new Error("This browser gives no microphone to a page from disk: try another browser, or a CSV file.");
    }
    const microphone = new Microphone();
    try {
      microphone.stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (error) {
      throw new Error(`The microphone cannot be used (${error.name}): allow it for this page, and plug one in.`);
    }
    microphone.context = new AudioContext();
    await microphone.context.resume();
    const analyser = new AnalyserNode(microphone.context, { fftSize: WINDOW, smoothingTimeConstant: 0 });
    microphone.context.createMediaStreamSource(microphone.stream).connect(analyser);
    const decibels = new Float32Array(analyser.frequencyBinCount);
    const period = (1000 * WINDOW) / microphone.context.sampleRate;
    microphone.hertz = microphone.context.sampleRate / WINDOW;
    microphone.timer = setInterval(() => {
      analyser.getFloatFrequencyData(decibels);
      // Decibels of 0 are −∞ before the first sound has arrived.
      const column = Float32Array.from(decibels.subarray(0, BINS), (level) => 10 ** (level / 20));
      if (microphone.columns.length === 0 && column.every((magnitude) => magnitude === 0)) return;
      microphone.columns.push(column);
      heard(microphone.columns);
    }, period);
    return microphone;
  }

  get full() {
    return this.columns.length >= MOST_COLUMNS;
  }

  close() {
    clearInterval(this.timer);
    this.stream.getTracks().forEach((track) => track.stop());
    this.context.close();
  }

  /** What was heard so far. */
  table() {
    const columns = this.columns.length;
    if (columns < 8) throw new Error("Nothing was heard: speak or play for a second at least.");
    const values = new Float32Array(BINS * columns);
    this.columns.forEach((column, j) => column.forEach((magnitude, i) => (values[i * columns + j] = magnitude)));
    return { rows: BINS, columns, values };
  }
}

/** Draws what was heard so far: time to the right, frequency upwards. */
function drawHeard(canvas, columns, ink) {
  const context = canvas.getContext("2d");
  if (columns.length <= 1) context.clearRect(0, 0, canvas.width, canvas.height);
  const column = columns[columns.length - 1];
  context.fillStyle = ink;
  column.forEach((magnitude, i) => {
    context.globalAlpha = Math.min(1, Math.max(0, 1 + Math.log10(magnitude + 1e-9) / 5));
    context.fillRect(columns.length - 1, BINS - 1 - i, 1, 1);
  });
}
