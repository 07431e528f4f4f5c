// format: numbers as people read them, with units and thousands separators. What was not measured is
// a dash, never 0.

const ABSENT = '–';

// A number with its thousands apart, and so many decimals.
function grouped(value, decimals = 0) {
  const text = value.toLocaleString('en-US',
    {minimumFractionDigits: decimals, maximumFractionDigits: decimals});
  return text.replace('-', '−');
}

// A number with its unit; what is absent has none.
function formatter(format) {
  return value => value === null || value === undefined || Number.isNaN(value)
    ? ABSENT : format(value);
}

const asCount = formatter(value => grouped(value, Number.isInteger(value) ? 0 : 1));
const asRate = formatter(value => grouped(value, Math.abs(value) < 10 && value !== 0 ? 1 : 0));
const asPercent = formatter(value => `${grouped(value, Math.abs(value) < 10 ? 1 : 0)} %`);

// A duration from µs, as the summary on the terminal has it: "812 µs", "1.9 ms", "1,003 ms", "12.3 s".
const asDuration = formatter(us => {
  const size = Math.abs(us);
  if (size < 1000) return `${grouped(us)} µs`;
  if (size < 1e4) return `${grouped(us / 1e3, 1)} ms`;
  if (size < 1e7) return `${grouped(us / 1e3)} ms`;
  return `${grouped(us / 1e6, size < 1e9 ? 1 : 0)} s`;
});

const asSeconds = formatter(s => {
  if (Math.abs(s) >= 2 * 86400) return `${grouped(s / 86400, 1)} days`;
  if (Math.abs(s) >= 2 * 3600) return `${grouped(s / 3600, 1)} h`;
  return `${grouped(s, Math.abs(s) < 100 ? 1 : 0)} s`;
});

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const asBytes = formatter(bytes => {
  let value = bytes, unit = 0;
  while (Math.abs(value) >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${grouped(value, unit > 0 && Math.abs(value) < 10 ? 1 : 0)} ${BYTE_UNITS[unit]}`;
});

// Seconds since the run's start as a clock: "5 s", "1:05", "1:02:03".
function asClock(seconds, span) {
  const whole = Math.round(seconds);
  if (span < 120) return `${grouped(seconds, Number.isInteger(seconds) ? 0 : 1)} s`;
  const two = n => String(n).padStart(2, '0');
  const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
  return hours > 0 || span >= 3600 ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}

// How a figure of a unit, as the columns of the CSV files name it, is shown.
const FORMATS = {'µs': asDuration, 's': asSeconds, 'bytes': asBytes, 'rows/s': asRate,
  'events/s': asRate, 'bytes/s': formatter(value => `${asBytes(value)}/s`), '% of one core': asPercent};

function formatOf(unit) {
  return FORMATS[unit] || asCount;
}
