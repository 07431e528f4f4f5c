/*
 * secret: what is secret, known in one place, and the process's list of the secrets it was given,
 * so that whatever prints, stores or publishes text can blot them out.
 *
 * Secret are: the value of a setting whose name says so (sasl.password, database.password,
 * ssl.keystore.key, basic.auth.user.info, …), wherever it stands (KEY=VALUE, a connection string of
 * libpq's, the query of a URI); the password in a URL, as written and percent-decoded; and the
 * user of an http URL without a password, which may be a token. Not secret is the password that
 * everybody knows, "postgres": blotted out, it would take the users, hosts and databases of that
 * name with it. It is hidden by its setting's name alone.
 *
 * Any thread may add, learn and redact at any time. What is learned later is not taken out of what
 * was written before: secrets are learned from a text before the text is used for anything.
 */
#ifndef CDCBENCH_BASE_SECRET_H
#define CDCBENCH_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

struct json_t; /* jansson's */

/* What stands in the place of a secret where it is hidden by its setting's name. */
#define SECRET_MASK "****"

/* ---- what is secret ---- */

/* True for database.password, ssl.key.password, sasl.jaas.config, basic.auth.user.info and their
 * like, in any case, behind any prefix, whatever parts the words. Errs on the side of hiding. */
bool secret_is_name(const char *name);

/* Adds what a value holds to the list: an option's, a word of the command line, a setting's; its
 * whole is not taken for a secret. Not for prose. False when memory is out. */
bool secret_learn(const char *value);

/* The same for a setting, whose value is secret as a whole where its name says so. */
bool secret_learn_setting(const char *name, const char *value);

/* Remembers a copy of what is a secret for certain. NULL and "" are ignored; false when memory is
 * out. */
bool secret_add(const char *secret);

/* ---- hiding it ---- */

/* Overwrites every known secret in text (length len) in place, with '*', length unchanged.
 * Secrets that overlap or lie within one another are overwritten whole. */
void secret_redact(char *text, size_t len);

/* The same for a text that was cut: at its end the beginning of a secret is overwritten as well. */
void secret_redact_cut(char *text, size_t len);

/* A copy for showing, the caller's: SECRET_MASK for the value of each secret setting, at any depth,
 * the known secrets overwritten in all other texts. NULL when memory is out. */
struct json_t *secret_redact_json(const struct json_t *value);

/* Overwrites and forgets the list. At exit, after the threads are gone. */
void secret_forget(void);

#endif
