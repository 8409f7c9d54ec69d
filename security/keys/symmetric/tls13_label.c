// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symmetric keys: the labels of TLS 1.3, and what is expanded by one
 *
 * The label decides what the child is.  Early data and its exporter are refused:
 * nothing fresh goes into them, so a replay has the same keys and numbers again.
 */

#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "symmetric.h"
#include "tls13.h"

static const struct tls13_label tls13_labels[] = {
	{
		.name = "res-binder", .text = "res binder",
		.from = BIT(TLS13_EARLY), .to = TLS13_BINDER,
		.context = TLS13_NO_MESSAGES,
	}, {
		.name = "derived", .text = "derived",
		.from = BIT(TLS13_EARLY), .to = TLS13_SALT_HANDSHAKE,
		.context = TLS13_NO_MESSAGES,
	}, {
		.name = "derived", .text = "derived",
		.from = BIT(TLS13_HANDSHAKE), .to = TLS13_SALT_MASTER,
		.context = TLS13_NO_MESSAGES,
	}, {
		.name = "c-hs-traffic", .text = "c hs traffic",
		.from = BIT(TLS13_HANDSHAKE), .to = TLS13_TRAFFIC_HS,
		.context = TLS13_MESSAGES, .sender = TLS13_CLIENT,
	}, {
		.name = "s-hs-traffic", .text = "s hs traffic",
		.from = BIT(TLS13_HANDSHAKE), .to = TLS13_TRAFFIC_HS,
		.context = TLS13_MESSAGES, .sender = TLS13_SERVER,
	}, {
		.name = "c-ap-traffic", .text = "c ap traffic",
		.from = BIT(TLS13_MASTER), .to = TLS13_TRAFFIC_AP,
		.context = TLS13_MESSAGES, .sender = TLS13_CLIENT,
	}, {
		.name = "s-ap-traffic", .text = "s ap traffic",
		.from = BIT(TLS13_MASTER), .to = TLS13_TRAFFIC_AP,
		.context = TLS13_MESSAGES, .sender = TLS13_SERVER,
	}, {
		.name = "traffic-upd", .text = "traffic upd",
		.from = BIT(TLS13_TRAFFIC_AP), .to = TLS13_TRAFFIC_AP,
		.context = TLS13_NOTHING, .ends = true,
	}, {
		.name = "finished", .text = "finished",
		.from = BIT(TLS13_BINDER) | BIT(TLS13_TRAFFIC_HS),
		.to = TLS13_FINISHED, .context = TLS13_NOTHING,
	}, {
		.name = "exp-master", .text = "exp master",
		.from = BIT(TLS13_MASTER), .to = TLS13_EXP,
		.context = TLS13_MESSAGES,
	}, {
		.name = "exporter",
		.from = BIT(TLS13_EXP), .to = TLS13_EXPORTER,
		.context = TLS13_NAME, .many = true,
	}, {
		.name = "res-master", .text = "res master",
		.from = BIT(TLS13_MASTER), .to = TLS13_RES,
		.context = TLS13_MESSAGES,
	}, {
		.name = "resumption", .text = "resumption",
		.from = BIT(TLS13_RES), .to = TLS13_PSK,
		.context = TLS13_TICKET, .many = true,
	},
	{ .name = "ext-binder", .refused = true },
	{ .name = "c-e-traffic", .refused = true },
	{ .name = "e-exp-master", .refused = true },
};

/* Two labels of one name are of different parents. */
static_assert(ARRAY_SIZE(tls13_labels) <= BITS_PER_LONG);

/**
 * tls13_label_find - the label of a name
 * @name: the word after "tls="
 * @kind: the parent's kind, a bit; or ~0UL if it does not matter
 *
 * Return: the label, or NULL if there is none, or none for that parent
 */
const struct tls13_label *tls13_label_find(const char *name, unsigned long kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(tls13_labels); i++)
		if (strcmp(name, tls13_labels[i].name) == 0 &&
		    (kind == ~0UL || tls13_labels[i].from & kind))
			return &tls13_labels[i];
	return NULL;
}

/**
 * tls13_label_bit - the number of a label
 * @label: the label
 *
 * Return: its bit in what a parent has given
 */
unsigned int tls13_label_bit(const struct tls13_label *label)
{
	return label - tls13_labels;
}

static void tls13_info_add(struct symmetric_info *info, const void *part,
			   size_t size)
{
	memcpy(info->bytes + info->size, part, size);
	info->size += size;
}

static void tls13_info_add_u8(struct symmetric_info *info, u8 value)
{
	info->bytes[info->size++] = value;
}

/* Before every label */
static const char tls13_prefix[] = "tls13 ";

/**
 * tls13_expand - HKDF-Expand-Label (RFC 8446, 7.1)
 * @sk: the parent, in a bracket of which the caller is
 * @text: the label without "tls13 "
 * @text_size: its size, at most SYMMETRIC_LABEL_MAX
 * @context: the context
 * @context_size: its size, at most TLS13_NONCE_MAX
 * @out: receives the output, only on success
 * @size: its size
 *
 * Context: any that may take its time
 * Return: 0 or an error of the crypto API
 */
int tls13_expand(struct symmetric_key *sk, const void *text, size_t text_size,
		 const u8 *context, size_t context_size, u8 *out, size_t size)
{
	const size_t prefix = sizeof(tls13_prefix) - 1;
	struct symmetric_info info = {};

	BUILD_BUG_ON(sizeof(u16) + 1 + sizeof(tls13_prefix) - 1 +
		     SYMMETRIC_LABEL_MAX + 1 + TLS13_NONCE_MAX >
		     SYMMETRIC_INFO_MAX);

	tls13_info_add_u8(&info, size >> 8);
	tls13_info_add_u8(&info, size);
	tls13_info_add_u8(&info, prefix + text_size);
	tls13_info_add(&info, tls13_prefix, prefix);
	tls13_info_add(&info, text, text_size);
	tls13_info_add_u8(&info, context_size);
	tls13_info_add(&info, context, context_size);
	return symmetric_hkdf_expand(symmetric_bearer(sk)->tfm, &info, out,
				     size);
}

static const u8 *tls13_no_messages(const struct tls13_suite *suite)
{
	return suite->hash == TLS13_SHA256 ? sha256_zero_message_hash :
					     sha384_zero_message_hash;
}

/**
 * tls13_expand_label - expand a child
 * @sk: the parent, in a bracket of which the caller is
 * @label: the label
 * @form: the line, with what the label takes
 * @out: receives as many bytes as the suite's hash has, only on success
 *
 * Return: 0 or an error of the crypto API
 */
int tls13_expand_label(struct symmetric_key *sk, const struct tls13_label *label,
		       const struct symmetric_form *form, u8 *out)
{
	const struct tls13_suite *suite = sk->tls->suite;
	const u8 *context = NULL;
	size_t size = 0;

	switch (label->context) {
	case TLS13_NOTHING:
		break;
	case TLS13_MESSAGES:
	case TLS13_TICKET:
		context = form->tls.context;
		size = form->tls.size;
		break;
	case TLS13_NO_MESSAGES:
	case TLS13_NAME:
		context = tls13_no_messages(suite);
		size = suite->hash_size;
		break;
	}
	if (label->context == TLS13_NAME)
		return tls13_expand(sk, form->label, form->label_size, context,
				    size, out, suite->hash_size);
	return tls13_expand(sk, label->text, strlen(label->text), context, size,
			    out, suite->hash_size);
}
