// SPDX-License-Identifier: GPL-2.0-or-later
// A Chromium for tests/lab/chromium.py: one JSON command a line on standard input, one JSON answer
// a line on standard output. It runs inside the device's namespace, so the browser meets the
// zone's own DNS and portal; scripts of ours run through the debugger, past the page's CSP.
"use strict";

const fs = require("fs");
const readline = require("readline");
const { chromium } = require("playwright-core");

const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking",
	"--disable-component-update", "--disable-sync", "--no-first-run"];
const AXE = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const TIMEOUT_MS = 15000;

let browser, context, page;
let requests = []; // of the page, since it was last asked for
let bodies = []; // promises of their lengths
let complaints = []; // of the page's console: a violated CSP shows there

function watch() {
	page.setDefaultTimeout(TIMEOUT_MS);
	page.on("response", response => {
		const request = response.request();
		const entry = { url: request.url(), kind: request.resourceType(), status: response.status() };
		requests.push(entry);
		if (response.status() < 300 || response.status() >= 400)
			bodies.push(response.body().then(body => { entry.bytes = body.length; }, () => {}));
	});
	page.on("requestfailed", request => requests.push({ url: request.url(), failed: true }));
	page.on("console", message => {
		if (message.type() === "error")
			complaints.push(message.text());
	});
}

const commands = {
	// A new window with an empty profile.
	async open({ width, height, dark, language, script, scale }) {
		if (context)
			await context.close();
		context = await browser.newContext({
			viewport: { width, height }, deviceScaleFactor: scale || 1, locale: language,
			colorScheme: dark ? "dark" : "light", javaScriptEnabled: script !== false,
			ignoreHTTPSErrors: true, // the laboratory's certificate is its own
		});
		page = await context.newPage();
		watch();
	},
	async goto({ url }) {
		for (let left = 3; ; left--) {
			try {
				const answer = await page.goto(url, { waitUntil: "load" });
				return { status: answer.status(), url: page.url() };
			} catch (error) { // the page was about to load itself again
				if (left === 0 || !/ERR_ABORTED|interrupted/.test(error.message))
					throw error;
			}
		}
	},
	async reload() {
		await page.reload({ waitUntil: "load" });
	},
	async click({ selector }) {
		await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.click(selector)]);
		return { url: page.url() };
	},
	async key({ name, navigates }) {
		if (navigates)
			await Promise.all([page.waitForNavigation({ waitUntil: "load" }),
				page.keyboard.press(name)]);
		else
			await page.keyboard.press(name);
		return { url: page.url() };
	},
	async look({ expression }) {
		return { value: await page.evaluate(expression) };
	},
	async scheme({ dark, contrast }) {
		await page.emulateMedia({ colorScheme: dark ? "dark" : "light",
			forcedColors: contrast ? "active" : "none" });
	},
	async size({ width, height }) {
		await page.setViewportSize({ width, height });
	},
	async picture({ path, whole }) {
		await page.screenshot({ path, fullPage: Boolean(whole) });
	},
	// Violations of axe-core, of all its rules but those that are "experimental".
	async axe() {
		await page.evaluate(AXE);
		const found = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })");
		return { violations: found.violations.map(v => ({ rule: v.id, impact: v.impact,
			help: v.help, nodes: v.nodes.map(n => n.html.slice(0, 200)) })) };
	},
	async heard() {
		await Promise.all(bodies);
		const heard = { requests, complaints };
		bodies = [];
		requests = [];
		complaints = [];
		return heard;
	},
};

async function main() {
	browser = await chromium.launch({ executablePath: process.argv[2], args: ARGUMENTS });
	process.stdout.write(JSON.stringify({ version: browser.version() }) + "\n");
	for await (const line of readline.createInterface({ input: process.stdin })) {
		let answer;
		try {
			const command = JSON.parse(line);
			answer = await commands[command.do](command) || {};
		} catch (error) {
			answer = { error: String(error.message) };
		}
		process.stdout.write(JSON.stringify(answer) + "\n");
	}
	await browser.close();
}

main().then(() => process.exit(0), error => {
	process.stdout.write(JSON.stringify({ error: String(error.message) }) + "\n");
	process.exit(1);
});
