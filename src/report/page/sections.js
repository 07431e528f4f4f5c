// sections: the tables, and what a reader must know beside the figures.

// A table of the document as HTML; each cell keeps what stands in the CSV file in data-value.
function drawTable(caption, table) {
  const head = element('tr', {}, ...table.columns.map(({name, unit, meaning}) =>
    element('th', {scope: 'col', title: meaning, className: unit === '' ? 'text' : ''},
      headingOf(name, unit))));
  const rows = table.rows.map(row => element('tr', {}, ...row.map((cell, i) => {
    const {unit} = table.columns[i];
    const value = unit === '' ? cell || ABSENT : formatOf(unit)(number(cell));
    return element('td', {dataset: {value: cell}, className: unit === '' ? 'text' : '',
      title: unit === 'µs' && cell !== '' ? `${asCount(number(cell))} µs` : ''}, value);
  })));
  return element('div', {className: 'scroll', tabIndex: 0}, element('table', {},
    element('caption', {}, caption), element('thead', {}, head), element('tbody', {}, ...rows)));
}

// "latency_p50_us" as "latency p50": the unit stands in each cell.
function headingOf(name, unit) {
  const bare = unit === 'µs' ? name.replace(/_us$/, '') : unit === 'bytes' ? name.replace(/_bytes$/, '')
    : name;
  return bare.replace(/_per_s$/, '/s').replaceAll('_', ' ');
}

function folded(title, ...content) {
  return element('details', {}, element('summary', {}, title), ...content);
}

function drawVerification(section, entry) {
  section.append(drawTable('What each tap saw, against what the server acknowledged (verify.csv)',
    entry.verify));
  for (const tap of (entry.run && entry.run.taps) || []) {
    const {faults = [], gaps_overflowed: overflowed} = tap.verify || {};
    if (tap.error) section.append(element('p', {className: 'warning'}, `${tap.tap}: ${tap.error}`));
    if (overflowed) {
      section.append(element('p', {className: 'warning'},
        `${tap.tap}: the table of gaps was full: missing is "at least".`));
    }
    if (faults.length > 0) {
      section.append(folded(`${asCount(faults.length)} faults on ${tap.tap}`,
        element('pre', {}, faults.map(fault => JSON.stringify(fault)).join('\n'))));
    }
    const {faults: ends = []} = tap.transaction_ends || {};
    if (ends.length > 0) {
      section.append(folded(`${asCount(ends.length)} counts of ENDs on ${tap.tap} that differ`,
        element('pre', {}, ends.map(fault => JSON.stringify(fault)).join('\n'))));
    }
  }
}

// A long table in parts to unfold, one a phase.
function drawByPhase(section, what, file, table) {
  if (!table) return;
  const {columns, rows} = table;
  const phase = columns.findIndex(({name}) => name === 'phase');
  for (const name of distinct(rows.map(row => row[phase]))) {
    section.append(folded(`${what}, ${name === 'all' ? 'all phases' : `phase ${name}`}`,
      drawTable(file, {columns, rows: rows.filter(row => row[phase] === name)})));
  }
}

function drawTables(section, entry) {
  if (entry.summary) section.append(drawTable('Operations (summary.csv)', entry.summary));
  drawByPhase(section, 'Lag by stage', 'lag.csv', entry.lag);
  drawByPhase(section, 'Lag of transactions', 'lag_transactions.csv', entry.lag_transactions);
}

// Nested values as names and values: {"a": {"b": 1}} is "a.b".
function flattened(value, prefix = '') {
  if (value === null || typeof value !== 'object') return [[prefix, value]];
  return Object.entries(value).flatMap(([name, inner]) =>
    flattened(inner, prefix === '' ? name : `${prefix}.${name}`));
}

function drawPairs(pairs) {
  return element('dl', {className: 'pairs'}, ...pairs.flatMap(([name, value]) => [
    element('dt', {}, name), element('dd', {}, value === null || value === undefined
      ? ABSENT : String(value))]));
}

// The words as a shell would take them; lines are broken between them.
function drawCommand(words) {
  const quoted = words.map(word => /^[\w@%+=:,./-]+$/.test(word) ? word
    : `'${word.replaceAll("'", `'\\''`)}'`);
  return element('pre', {className: 'command', tabIndex: 0},
    ...quoted.flatMap(word => [element('span', {}, word), ' ']));
}

function drawEnvironment(section, entry) {
  const {run} = entry;
  if (entry.live && run.command_line.length === 0) return;   // it has not begun
  const {host = {}, server = {}, pipeline, client = {}, clock = {}} = run;
  section.append(element('h3', {}, 'Command'), drawCommand(run.command_line));
  if (entry.live) return;
  const late = (run.phases || []).filter(phase => phase.schedule_lag)
    .map(({name, schedule_lag: lag}) => `${name} p99 ${asDuration(lag.p99_us)}`).join(', ');
  section.append(element('h3', {}, 'How far the figures can be believed'), drawPairs([
    ['clock offset to the server', clock.offset_us === null ? null
      : `${asDuration(clock.offset_us)} ± ${asDuration(clock.uncertainty_us)}`],
    ['schedule lag (the tool’s own lateness)', late || null],
    ['client', `${asSeconds(client.cpu_us / 1e6)} of CPU, `
      + `${asPercent(client.cpu_us / 1e4 / run.seconds)} of a core, at most `
      + `${asBytes(client.rss_peak_bytes)} resident`],
    ['connections lost', asCount(client.reconnects)],
  ]));
  section.append(element('h3', {}, 'Where it ran'), drawPairs([
    ['machine', `${host.cpu}, ${asCount(host.cores)} cores, ${asBytes(host.memory_bytes)}`],
    ['system', `${host.system} ${host.release} ${host.machine}`],
    ['PostgreSQL', `${server.version}${server.embedded ? ', embedded' : ''}`],
    ...pipeline ? [['Kafka', pipeline.kafka_version], ['Debezium', pipeline.debezium_version],
      ['topic', pipeline.topic]] : [],
    ['cdcbench', run.version],
    ['seed', run.scenario.seed],
  ]));
  if (pipeline && pipeline.connector) {
    section.append(folded('Connector', drawPairs(flattened(pipeline.connector.config || {}))));
  }
  section.append(folded('Server settings', drawPairs(flattened(server.settings || {}))),
    folded('Options', drawPairs(flattened(run.options || {}))),
    folded('Scenario', element('pre', {}, JSON.stringify(run.scenario, null, 2))));
}

// sizing.csv: the inputs with where they come from, what follows, and the other choices side by side.
function drawSizing(section, entry) {
  const rows = records(entry.sizing);
  const shown = row => formatOf(row.unit)(number(row.value));
  const title = row => row.quantity.replace(/_(bytes_per_s|bytes|s)$/, '').replaceAll('_', ' ');
  const lines = (kind, last) => where(rows, {choice: 'this run', kind}).map(row =>
    [title(row), shown(row), ...last(row)]);
  section.append(simpleTable('What goes in', ['', '', 'origin', 'basis'],
    lines('input', row => [row.origin, row.basis])));
  section.append(simpleTable('What comes out', ['', '', ''], lines('result', row => [row.basis])));
  const columns = ['bytes_per_event', 'ingress_peak_bytes_per_s', 'disk_bytes', 'brokers'];
  const others = distinct(rows.map(({choice}) => choice)).filter(choice => choice !== 'this run');
  if (others.length === 0) return;
  section.append(simpleTable('What other choices would cost (the run’s own bytes by measured ratios)',
    ['', 'an event', 'at peak', 'disk', 'brokers'],
    others.map(choice => [choice, ...columns.map(quantity =>
      shown(where(rows, {choice, quantity})[0]))])));
}

// A table of plain texts: the first column and those that are not numbers on the left.
function simpleTable(caption, head, rows) {
  const isText = text => !/^[\d−–+]/.test(text);
  const side = (i, text) => i === 0 || isText(text) ? 'text' : '';
  return element('div', {className: 'scroll', tabIndex: 0}, element('table', {},
    element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...head.map((text, i) =>
      element('th', {scope: 'col', className: side(i, rows[0][i])}, text)))),
    element('tbody', {}, ...rows.map(row => element('tr', {}, ...row.map((text, i) =>
      element('td', {className: side(i, text)}, text)))))));
}
