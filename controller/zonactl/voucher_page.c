/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/zonactl/voucher_page.h"

#include "controller/zonactl/member.h"

#include <errno.h>
#include <inttypes.h>
#include <qrencode.h>

#define URL_SIZE 512
#define QUIET 4 /* white modules around the code that scanners need (ISO 18004) */

static const char head[] =
	"<!doctype html>\n<html lang=\"es\"><meta charset=\"utf-8\"><title>Wi-Fi</title>\n"
	"<style>body{font:14px sans-serif;margin:0;display:grid;"
	"grid-template-columns:repeat(3,1fr)}"
	"section{border:1px dashed #888;padding:4mm;text-align:center;break-inside:avoid}"
	"svg{width:40mm;height:40mm}b{display:block;font:bold 18px monospace}"
	"p{margin:1mm 0}</style>\n";

static void print_escaped(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '<' || *text == '>' || *text == '&' || *text == '"')
			(void)fprintf(out, "&#%d;", *text);
		else
			(void)fputc(*text, out);
	}
}

static void print_modules(FILE *out, const QRcode *code)
{
	int side = code->width + 2 * QUIET;

	(void)fprintf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"QR\"><path d=\"",
		side, side);
	for (int y = 0; y < code->width; y++)
		for (int x = 0; x < code->width; x++)
			if ((code->data[y * code->width + x] & 1) != 0)
				(void)fprintf(out, "M%d %dh1v1h-1z", x + QUIET, y + QUIET);
	(void)fputs("\"/></svg>\n", out);
}

static int print_one(FILE *out, const json_t *reply, const char *code, size_t number)
{
	char url[URL_SIZE];
	QRcode *drawn;

	if (snprintf(url, sizeof(url), "%svoucher?code=%s", member_text(reply, "url", ""), code) >=
		(int)sizeof(url))
		return -EMSGSIZE;
	drawn = QRcode_encodeString8bit(url, 0, QR_ECLEVEL_M);
	if (drawn == NULL)
		return errno != 0 ? -errno : -EINVAL;
	(void)fputs("<section><p>Wi-Fi</p>\n", out);
	print_modules(out, drawn);
	QRcode_free(drawn);
	(void)fputs("<b>", out);
	print_escaped(out, code);
	(void)fputs("</b><p>", out);
	print_escaped(out, member_text(reply, "url", ""));
	(void)fprintf(out,
		"voucher</p><p>%" PRIu64 " min · hasta / until %.10s</p><p>%" PRIu64
		"-%zu</p></section>\n",
		member_number(reply, "minutes"), member_text(reply, "expires", ""),
		member_number(reply, "batch"), number);
	return 0;
}

int voucher_page_print(FILE *out, const json_t *reply)
{
	const json_t *codes = json_object_get(reply, "codes");
	int r = 0;

	(void)fputs(head, out);
	for (size_t i = 0; i < json_array_size(codes) && r == 0; i++) {
		const char *code = json_string_value(json_array_get(codes, i));

		r = code != NULL ? print_one(out, reply, code, i + 1) : -EBADMSG;
	}
	(void)fputs("</html>\n", out);
	return r == 0 && ferror(out) != 0 ? -EIO : r;
}
