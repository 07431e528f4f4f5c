#include "result/stages.h"

/* Each link's words end with the moment that the next one begins with. */
const stage_row_t stage_rows[STAGE_COUNT] = {
    [STAGE_COMMIT_TO_SEND] = {.name = "commit_to_send",
                              .from = "commit",
                              .to = "send",
                              .clock = "the server's clock",
                              .words = "in the server: from the commit’s timestamp, taken before "
                                       "its WAL is flushed, until the walsender sends the event",
                              .is_link = true},
    [STAGE_SEND_TO_RECEIPT] = {.name = "send_to_receipt",
                               .from = "send",
                               .to = "receipt",
                               .clock = "the server's clock, to which the receipt is converted",
                               .words = "from the walsender’s send until this tool has read it",
                               .is_link = true},
    [STAGE_COMMIT_TO_DEBEZIUM] = {.name = "commit_to_debezium",
                                  .from = "commit",
                                  .to = "debezium",
                                  .clock = "the server's clock, then Connect's",
                                  .words = "from the commit until Debezium has made its envelope; "
                                           "holds a wait of up to poll.interval.ms",
                                  .is_link = true},
    [STAGE_DEBEZIUM_TO_PRODUCE] = {.name = "debezium_to_produce",
                                   .from = "debezium",
                                   .to = "produce",
                                   .clock = "Connect's clock, at last in whole milliseconds",
                                   .words = "in Debezium’s queue, until the producer sends the "
                                            "record; a second wait of up to poll.interval.ms",
                                   .is_link = true},
    [STAGE_PRODUCE_TO_RECEIPT] =
        {.name = "produce_to_receipt",
         .from = "produce",
         .to = "receipt",
         .clock = "Connect's clock, then the server's, to which the receipt is converted",
         .words = "the producer’s linger, the broker, and the way to "
                  "this tool",
         .is_link = true},
    [STAGE_DEBEZIUM_TO_APPEND] = {.name = "debezium_to_append",
                                  .from = "debezium",
                                  .to = "append",
                                  .clock = "Connect's clock, then the broker's",
                                  .words = "in Debezium’s queue and its producer, until the broker "
                                           "has appended the record",
                                  .is_link = true},
    [STAGE_APPEND_TO_RECEIPT] =
        {.name = "append_to_receipt",
         .from = "append",
         .to = "receipt",
         .clock = "the broker's clock, then the server's, to which the receipt is converted",
         .words = "from the broker’s append until this tool has read it",
         .is_link = true},
    [STAGE_COMMIT_TO_RECEIPT] = {.name = "commit_to_receipt",
                                 .from = "commit",
                                 .to = "receipt",
                                 .clock = "the server's clock, to which the receipt is converted"},
    [STAGE_ACK_TO_RECEIPT] = {.name = "ack_to_receipt",
                              .from = "acknowledgement",
                              .to = "receipt",
                              .clock = "the client's clock"},
    [STAGE_INTENDED_TO_RECEIPT] = {.name = "intended_to_receipt",
                                   .from = "when it was due",
                                   .to = "receipt",
                                   .clock = "the client's clock"},
    [STAGE_KAFKA_MINUS_WAL] = {.name = "kafka_minus_wal",
                               .from = "its last event on wal",
                               .to = "its last event on kafka",
                               .clock = "the client's clock",
                               .is_difference = true,
                               .tap = TAP_KAFKA,
                               .other = TAP_WAL},
};

bool stage_is_anothers(stage_t stage, tap_id_t tap)
{
    const stage_row_t *row = &stage_rows[stage];
    return row->is_difference && row->other == tap;
}
