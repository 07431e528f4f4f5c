CREATE TABLE "narrow" (
    "id" uuid PRIMARY KEY,
    "amount" numeric
);
