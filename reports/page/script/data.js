// The embedded data, read back: arrays from base64, series from their logarithmic codes.

const page = JSON.parse(document.getElementById("data").textContent);
const schedules = page.schedules;

const TYPES = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, f4: Float32Array, f8: Float64Array };
const INFINITE = 65534, UNDEFINED = 65535;

function unpack(packed) {
  const bytes = Uint8Array.from(atob(packed.data), (c) => c.charCodeAt(0));
  return new TYPES[packed.type](bytes.buffer);
}

// Rows of quantised numbers; Infinity has diverged, NaN is undefined.
class Series {
  constructor(packed) {
    Object.assign(this, { low: packed.low, high: packed.high, top: packed.top, width: packed.width });
    this.codes = unpack(packed.rows);
    this.index = unpack(packed.index);
  }

  row(cell, length = this.width, offset = 0, stride = 1) {
    const first = this.index[cell] * this.width + offset;
    return Array.from({ length }, (_, i) => this.value(this.codes[first + i * stride]));
  }

  value(code) {
    if (code === 0) return 0;
    if (code === INFINITE) return Infinity;
    if (code === UNDEFINED) return NaN;
    const negative = code > this.top;
    const place = ((negative ? code - this.top : code) - 1) / (this.top - 1);
    const size = 10 ** (this.low + place * (this.high - this.low));
    return negative ? -size : size;
  }
}

// A number of a document: null is undefined, "inf" infinite.
function number(value) {
  return value === null || value === undefined ? NaN : value === "inf" ? Infinity : Number(value);
}

// Three significant digits.
function shown(number) {
  if (Number.isNaN(number)) return "–";
  if (number === Infinity) return "diverged";
  if (number === 0) return "0";
  const size = Math.abs(number);
  if (size >= 1e-3 && size < 1e5) {
    const places = Math.max(0, 2 - Math.floor(Math.log10(size)));
    return Number(number.toPrecision(3)).toLocaleString("en", {
      minimumFractionDigits: places, maximumFractionDigits: places,
    });
  }
  return number.toExponential(2).replace("e+", "e");
}

function shownRatio(ratio) {
  return ratio === Infinity ? "inf" : shown(ratio);
}

function percent(share) {
  if (Number.isNaN(share)) return "–";
  if (share > 0 && share < 0.001) return "<0.1 %";
  if (share > 0.999 && share < 1) return ">99.9 %";
  return `${Number((100 * share).toPrecision(3))} %`;
}

function plural(count, word) {
  return `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
}
