CREATE TABLE "toasted" (
    "id" uuid PRIMARY KEY,
    "amount" numeric,
    "title" text,
    "document" text,
    "attachment" text,
    "modified_by" text,
    "modified_at" timestamp,
    "change_info" jsonb
);
ALTER TABLE "toasted" ALTER COLUMN "attachment" SET STORAGE EXTERNAL;
