# SPDX-License-Identifier: GPL-2.0-or-later
"""Lessons as a person takes them: every card and question, wrong answers, forged forms, the time that
a pass gives once a day, the certificate, and the way past all of it."""
import datetime
import pathlib
import re
import time

from browser import forms
from lab import PORTAL, Zone
from marks import note, quick

CONTENT = pathlib.Path(__file__).resolve().parents[2] / "portal" / "content"
LESSON_BYTES_MAX = 100_000
MORE_S = 30 * 60  # extend-minutes of the laboratory's class
MORE = "¿Quieres más tiempo?"
URL = f"http://{PORTAL}"
CAPTIVE_SKIP, ACTIVE_SKIP = 'href="/?lang=', 'href="/status?lang='


def ids():
    return sorted(path.stem for path in (CONTENT / "es").glob("*.md"))


def right_answers(lesson):
    """What the author marked: "1" to "3" for each question."""
    quiz = (CONTENT / "es" / f"{lesson}.md").read_text(encoding="utf-8").split("# Quiz\n")[1]
    marks = re.findall(r"^- \[(.)\]", quiz, re.MULTILINE)
    return [str(marks[i:i + 3].index("x") + 1) for i in range(0, 9, 3)]


def wrong(answers, *which):
    """The same with those questions answered wrongly."""
    return [str(int(a) % 3 + 1) if i in which else a for i, a in enumerate(answers)]


def form_to(page, action):
    return next((dict(fields) for to, method, fields in forms(page) if to == action and method == "post"),
                None)


def within_one_day():
    """What is counted by the day is not tested across midnight."""
    while datetime.datetime.now().time() > datetime.time(23, 59, 30):
        time.sleep(1)


def patient(ask):
    """A person is slower than the portal's limit of requests; a test waits when it is told to."""
    while (answer := ask()).status == 429:
        time.sleep(1)
    return answer


class Student:
    """Goes through a lesson the way its pages lead."""

    def __init__(self, device, lesson, lang="es", active=False):
        self.device, self.path, self.lang = device, f"/lessons/{lesson}", lang
        self.answers = right_answers(lesson)
        self.skip = (ACTIVE_SKIP if active else CAPTIVE_SKIP) + lang
        self.tokens, self.bytes = [], 0
        self.see(patient(lambda: device.browser.get(f"{URL}{self.path}?lang={lang}")))

    def see(self, response):
        assert response.status == 200, response
        self.page = response.text
        self.bytes = max(self.bytes, len(response.body))
        assert self.skip in self.page, "no way past the lesson"
        form = form_to(self.page, self.path)
        self.token = form["progress"] if form else None
        if form:
            self.tokens.append(self.token)

    def post(self, **fields):
        return patient(lambda: self.device.browser.post(URL + self.path, {"lang": self.lang} | fields))

    def next(self, answer=None):
        self.see(self.post(progress=self.token, **({"answer": answer} if answer else {})))

    def to_question(self):
        while 'name="answer"' not in self.page:
            assert self.token, "no question came"
            self.next()

    def finish(self, answers=None):
        """Answers all questions; returns the page of the result."""
        for answer in answers or self.answers:
            self.to_question()
            self.next(answer)
            assert 'class="is-right"' in self.page, "the right answer is not shown"
        self.next()
        assert self.token is None
        return self.page

    def code(self):
        found = re.search(r"/certificate/([0-9A-Z-]{19})\?", self.page)
        return found and found.group(1)


@quick
def test_every_lesson_in_both_languages():
    heaviest = 0
    with Zone() as zone:
        device = zone.device()
        for lang in ("es", "en"):
            text = device.browser.get(f"{URL}/lessons?lang={lang}").text
            assert sorted(re.findall(r'href="/lessons/([\w-]+)\?lang=' + lang, text)) == ids()
            assert CAPTIVE_SKIP + lang in text
            for i, lesson in enumerate(ids()):
                if i % 6 == 0:
                    device = zone.device()
                student = Student(device, lesson, lang)
                assert "<svg" in student.page and "<title>" in student.page
                result = student.finish()
                assert "3" in result and student.code(), result
                heaviest = max(heaviest, student.bytes)
        assert heaviest <= LESSON_BYTES_MAX
        assert device.captive()["captive"] is True, "reading gave access"
    note(f"{len(ids())} lessons in 2 languages, the heaviest page {heaviest} bytes")


@quick
def test_a_pass_extends_once_a_day():
    within_one_day()
    with Zone() as zone:
        device = zone.device()
        device.accept()
        assert device.captive()["can-extend-session"] is True
        assert MORE in device.browser.get(f"{URL}/status?lang=es").text
        before = device.session()["seconds_left"]
        failed = Student(device, "bank-message", active=True)
        assert "/certificate/" not in failed.finish(wrong(failed.answers, 0, 2))
        assert device.session()["seconds_left"] <= before, "a failed lesson gave time"
        student = Student(device, "bank-message", active=True)
        assert "30 minutos" in student.finish(wrong(student.answers, 1))
        extended = device.session()["seconds_left"]
        assert before + MORE_S - 60 <= extended <= before + MORE_S, (before, extended)
        assert device.captive()["can-extend-session"] is False
        assert MORE not in device.browser.get(f"{URL}/status?lang=es").text
        code = student.code()
        student.post(progress=student.tokens[-1])  # the last form once more
        Student(device, "save-data", active=True).finish()  # another lesson, the same day
        assert device.session()["seconds_left"] <= extended
        device.logout()
        device.accept()  # and another session
        Student(device, "save-data", active=True).finish()
        assert device.session()["seconds_left"] <= before
        other = zone.device()
        other.accept()
        Student(other, "save-data", active=True).finish()
        assert other.session()["seconds_left"] > before + MORE_S - 60
        assert zone.zonactl("certificate", code)["lesson"] == "bank-message"


@quick
def test_a_lesson_before_connecting():
    with Zone() as zone:
        device = zone.device()
        student = Student(device, "check-rumour")
        form = form_to(student.finish(), "/accept")
        assert form and not device.online()
        stranger = zone.device()
        theirs = form_to(stranger.browser.get(f"{URL}/").text, "/accept")
        stolen = {"lesson": form["lesson"], "progress": form["progress"]}
        assert stranger.browser.post(f"{URL}/accept", theirs | stolen).status == 303
        assert stranger.online() and stranger.session()["seconds_left"] <= 60 * 60
        answer = device.browser.post(f"{URL}/accept", form)
        assert answer.status == 303 and answer.headers["location"].startswith("/status")
        assert device.online()
        assert device.session()["seconds_left"] > 60 * 60 + MORE_S - 60
        assert device.captive()["can-extend-session"] is False


@quick
def test_forged_forms():
    """Whatever is not a form of ours for this device and lesson begins the lesson again."""
    with Zone() as zone:
        device, other = zone.device(), zone.device()
        device.accept()
        student = Student(device, "bank-message", active=True)
        student.finish()
        before = device.session()["seconds_left"]
        good = student.tokens[-1]
        thief = Student(other, "bank-message")
        bad = ["", "x", "A" * 56, good[:-1], good + "A", thief.token, "../../x", "%00", "\xff" * 56]
        bad += [good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1:] for at in range(56)]
        for token in bad:
            answer = student.post(progress=token)
            assert answer.status == 303, (token, answer)
            assert answer.headers["location"].startswith("/lessons/bank-message?e=stale"), answer
        assert student.post().status == 303  # no token at all
        answer = device.browser.post(f"{URL}/lessons/save-data", {"progress": good})
        assert answer.status == 303, "a token of another lesson was taken"
        assert "vencido" in device.browser.get(f"{URL}/lessons/bank-message?e=stale&lang=es").text
        fresh = Student(device, "bank-message", active=True)
        fresh.to_question()
        for answer in ("0", "4", "11", "-1", "x", ""):
            fresh.see(fresh.post(progress=fresh.token, answer=answer))
            assert 'name="answer"' in fresh.page, "an answer that is none was taken"
        assert device.browser.get(f"{URL}/lessons/nothing").status == 404
        assert other.browser.get(f"{URL}/lessons/../portal.key").status == 302
        assert device.session()["seconds_left"] <= before


@quick
def test_certificates():
    within_one_day()
    with Zone() as zone:
        device = zone.device()
        student = Student(device, "find-contract", "en")
        student.finish()
        code = student.code()
        page = device.browser.get(f"{URL}/certificate/{code}?lang=en")
        assert page.status == 200 and "Find a contract in SECOP II" in page.text
        assert device.mac not in page.text
        again = Student(device, "find-contract", "en")
        again.finish()
        assert again.code() == code, "the same pass of a day is one certificate"
        found = zone.zonactl("certificate", code.lower().replace("-", ""))
        assert found["lesson"] == "find-contract" and found["day"] in page.text
        for forged in (code[:-1] + ("0" if code[-1] != "0" else "1"), "0000-0000-0000-0000", "x"):
            assert device.browser.get(f"{URL}/certificate/{forged}").status == 302
            refused = zone.zonactl("certificate", forged, check=False, as_json=False)
            assert refused.returncode == 1 and "no lesson was passed" in refused.stderr


def test_lessons_without_more_time():
    """A class that gives none: lessons are there, nothing is promised."""
    with Zone(policy={"session": "minutes = 60  extend-minutes = 0"}) as zone:
        device = zone.device()
        assert "class=\"note\"" not in device.browser.get(f"{URL}/lessons?lang=es").text
        device.accept()
        assert device.captive()["can-extend-session"] is False
        before = device.session()["seconds_left"]
        result = Student(device, "event-flyer", active=True).finish()
        assert "Aprobaste" in result and "minutos" not in result.split("<main>")[1].split("</main>")[0]
        assert device.session()["seconds_left"] <= before
