#include "report/files/expectation_text.h"

#include "report/files/run_json_parts.h"

json_t *expectations_json(const config_t *config, const result_t *result)
{
    json_t *list = json_array();
    bool complete = list != NULL;
    for (size_t i = 0; complete && i < config->scenario.expect.n; i++) {
        expectation_t it;
        complete = expectation_judge(config, i, result, &it) &&
                   run_json_append(
                       list, run_json_object((const run_json_field_t[]){
                                 {"expect", run_json_text(it.text)},
                                 {"unit", json_string(expect_is_time(&it.expect) ? "us" : "count")},
                                 {"measured", it.measured ? json_real(it.value) : json_null()},
                                 {"met", json_boolean(it.met)},
                                 {NULL, NULL},
                             }));
    }
    return run_json_whole(list, complete);
}
