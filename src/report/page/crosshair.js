// crosshair: what the plots over time have in common: the phases shaded behind the curves, one line at
// the same moment in all of them, and values at that moment beside each name. A plug-in of Chart.js.

const crosshair = {
  index: null,    // the point under the line; null: none
  charts: [],     // {chart, show(index)}
  seconds: [],

  join(chart, show) {
    this.charts.push({chart, show});
  },

  leave() {
    this.charts = [];
    this.index = null;
  },

  move(index) {
    const last = this.seconds.length - 1;
    const wanted = index === null || last < 0 ? null : Math.min(Math.max(index, 0), last);
    if (wanted === this.index) return;
    this.index = wanted;
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      for (const {chart, show} of this.charts) {
        show(this.index);
        chart.draw();
      }
    });
  },

  // The point nearest to a second: their distances may differ.
  nearest(second) {
    let low = 0, high = this.seconds.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.seconds[middle] < second) low = middle + 1;
      else high = middle;
    }
    return low > 0 && second - this.seconds[low - 1] < this.seconds[low] - second ? low - 1 : low;
  },
};

// By keyboard: a point at a time, ten with shift, the ends, and away.
function crosshairKey(event) {
  const step = event.shiftKey ? 10 : 1;
  const at = crosshair.index;
  const moves = {
    ArrowLeft: () => at === null ? crosshair.seconds.length - 1 : at - step,
    ArrowRight: () => at === null ? 0 : at + step,
    Home: () => 0,
    End: () => crosshair.seconds.length - 1,
    Escape: () => null,
  };
  if (!moves[event.key]) return;
  event.preventDefault();
  crosshair.move(moves[event.key]());
}

function shadePhases(chart, phases, theme) {
  const {ctx, chartArea: area, scales: {x}} = chart;
  ctx.save();
  ctx.font = `11px ${theme.font}`;
  ctx.textBaseline = 'top';
  phases.forEach(({name, from, to}, i) => {
    const left = Math.max(x.getPixelForValue(from), area.left);
    const right = Math.min(x.getPixelForValue(to), area.right);
    if (right < left) return;
    if (i % 2 === 1) {
      ctx.fillStyle = theme.shade;
      ctx.fillRect(left, area.top, right - left, area.bottom - area.top);
    }
    ctx.fillStyle = theme.edge;
    ctx.fillRect(left, area.top, 1, area.bottom - area.top);
    if (ctx.measureText(name).width + 8 < right - left) {
      ctx.fillStyle = theme.muted;
      ctx.fillText(name, left + 5, area.top + 2);
    }
  });
  ctx.restore();
}

function drawCrosshair(chart, theme) {
  if (crosshair.index === null) return;
  const {ctx, chartArea: area, scales: {x}} = chart;
  const left = x.getPixelForValue(crosshair.seconds[crosshair.index]);
  ctx.save();
  ctx.strokeStyle = theme.text;
  ctx.globalAlpha = 0.55;
  ctx.beginPath();
  ctx.moveTo(left, area.top);
  ctx.lineTo(left, area.bottom);
  ctx.stroke();
  ctx.restore();
}

function crosshairPlugin(phases, theme) {
  return {
    id: 'crosshair',
    beforeDatasetsDraw: chart => shadePhases(chart, phases, theme),
    afterDatasetsDraw: chart => drawCrosshair(chart, theme),
    afterEvent: (chart, {event}) => {
      if (event.type === 'mouseout') return crosshair.move(null);
      if (!['mousemove', 'touchstart', 'touchmove', 'click'].includes(event.type)) return;
      crosshair.move(crosshair.nearest(chart.scales.x.getValueForPixel(event.x)));
    },
  };
}
