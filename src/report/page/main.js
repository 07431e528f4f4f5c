// main: puts the page together, and again when the colours change, when it is printed, or when a run
// under way has moved on.

const HEADINGS = [
  ['comparison', 'What differs, and is it real?'],
  ['overlaid', 'Laid over one another'],
  ['answer', 'What is the lag, and where does it come from?'],
  ['throughput', 'Throughput'],
  ['lag', 'Lag over time'],
  ['latency', 'Latency over time'],
  ['percentiles', 'Percentiles'],
  ['backlog', 'Backlog and replication slots'],
  ['resources', 'CPU, memory and writes'],
  ['verification', 'Verification'],
  ['tables', 'Tables'],
  ['sizing', 'Kafka sizing'],
  ['status', 'Pipeline'],
  ['environment', 'Environment and command'],
];

function drawHead(entry) {
  const {run} = entry;
  const {server = {}, pipeline} = run;
  const started = run.started ? `${run.started.slice(0, 16).replace('T', ' ')} UTC` : null;
  document.title = `${entry.label} · cdcbench`;
  document.getElementById('head').replaceChildren(
    element('h1', {}, entry.label),
    element('p', {className: 'muted'}, [started,
      run.seconds ? asSeconds(run.seconds) : null,
      server.version ? `PostgreSQL ${server.version.split(' ')[0]}${server.embedded ? ' embedded' : ''}` : null,
      pipeline ? `Kafka ${pipeline.kafka_version}` : null,
      pipeline ? `Debezium ${pipeline.debezium_version}` : null].filter(Boolean).join(' · ')));
}

// A section with its heading; taken away again when there is nothing to put into it.
function section(main, id, heading, draw) {
  const made = element('section', {id}, element('h2', {}, heading));
  main.append(made);
  const plots = element('div', {className: 'plots'});
  draw(made, plots);
  if (plots.children.length > 0) made.append(plots);
  if (made.children.length < 2) made.remove();
}

function resolutionNote(timeline) {
  const {rows, rows_per_point: per} = timeline;
  return per > 1 ? element('p', {className: 'muted note'}, `${asCount(rows)} seconds were measured; a point `
    + `is of ${per}: the line is their mean (p99 and max: their largest), the band from the least to the `
    + 'largest. timeline.csv has every second.') : '';
}

function drawRun(main, entry, live) {
  const look = theme();
  const {timeline} = entry;
  const parts = {
    answer: made => drawAnswer(made, entry, live),
    verification: made => entry.verify && entry.verify.rows.length > 0 && drawVerification(made, entry),
    tables: made => drawTables(made, entry),
    percentiles: (made, plots) => entry.curves && plotPercentiles(plots, entry.curves, look),
    sizing: made => entry.sizing && drawSizing(made, entry),
    status: made => {
      const pairs = flattened(entry.status || {});
      if (pairs.length > 0) made.append(drawPairs(pairs));
    },
    environment: made => drawEnvironment(made, {...entry, live}),
  };
  if (timeline && timeline.second.length > 0) {
    crosshair.seconds = timeline.second;
    Object.assign(parts, {
      throughput: (made, plots) => {
        made.append(resolutionNote(timeline));
        plotThroughput(plots, entry, look);
      },
      lag: (made, plots) => {
        plotLag(plots, entry, look);
        plotStages(plots, entry, look);
      },
      latency: (made, plots) => plotLatency(plots, entry, look),
      backlog: (made, plots) => plotBacklog(plots, entry, look),
      resources: (made, plots) => {
        plotResources(plots, entry, look);
        plotServer(plots, entry, look);
      },
    });
  }
  for (const [id, heading] of HEADINGS) {
    if (parts[id]) section(main, id, heading, parts[id]);
  }
}

function drawContents(main) {
  document.getElementById('contents').replaceChildren(...[...main.querySelectorAll('section')].map(made =>
    element('a', {href: `#${made.id}`}, HEADINGS.find(([id]) => id === made.id)[1].split(', and')[0])));
}

let shown = null;   // the document that is on the page

function draw(data) {
  shown = data;
  STAGES = data.stage_words || {};
  for (const chart of canvases.splice(0)) chart.destroy();
  crosshair.leave();
  const main = document.getElementById('main');
  main.style.minHeight = `${main.offsetHeight}px`;   // so that the page does not jump
  main.replaceChildren();
  if (data.comparison) {
    drawComparison(main, data);
  } else {
    drawHead(data.runs[0]);
    drawRun(main, data.runs[0], data.live);
  }
  drawContents(main);
  main.style.minHeight = '';
  document.getElementById('foot').replaceChildren(element('p', {className: 'muted'},
    `Made by ${data.tool}. Lag is signed: an event can be seen before its writer hears of its own commit. `
    + 'A dash is what was not measured; a gap in a curve likewise.'));
  document.body.dataset.drawn = 'yes';
}

async function follow() {
  try {
    const answer = await fetch('data.json', {cache: 'no-store'});
    const data = await answer.json();
    // Not under the reader's hands.
    const used = document.getElementById('main').contains(document.activeElement);
    if ((crosshair.index === null && !used) || !data.live) draw(data);
    if (!data.live) return;
  } catch {
    document.getElementById('foot').replaceChildren(element('p', {className: 'warning'},
      'The run does not answer any more: what is shown is the last that it said.'));
  }
  setTimeout(follow, 1000);
}

function begin() {
  const data = JSON.parse(document.getElementById('document').textContent);
  if (data === null) follow();
  else draw(data);
  DARK.addEventListener('change', () => shown && draw(shown));
  window.addEventListener('beforeprint', () => {
    document.body.classList.add('printing');
    if (shown) draw(shown);
    for (const fold of document.querySelectorAll('#tables details')) fold.open = true;
  });
  window.addEventListener('afterprint', () => {
    document.body.classList.remove('printing');
    if (shown) draw(shown);
  });
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin);
else begin();
