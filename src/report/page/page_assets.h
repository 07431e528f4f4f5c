/*
 * page_assets: what the report page is made of, as text: the files of src/report/page, and Chart.js
 * as Debian's libjs-chart.js has it, embedded when the program is built. Constant data.
 */
#ifndef CDCBENCH_REPORT_PAGE_PAGE_ASSETS_H
#define CDCBENCH_REPORT_PAGE_PAGE_ASSETS_H

extern const char page_chart[]; /* Chart.js, the minified UMD file */
extern const char page_template[];
extern const char page_style[];
extern const char page_format[];
extern const char page_data[];
extern const char page_crosshair[];
extern const char page_plot[];
extern const char page_plots[];
extern const char page_figures[];
extern const char page_sections[];
extern const char page_compare[];
extern const char page_main[];

#endif
