"""The dashboard in a real browser: headless Chromium, with data of every kind and with none."""

import http.server
import json
import shutil
import threading
import time

import pytest

from dashboard_data import ADMIN_KEY, HOSTILE, config, full_gateway, send_traffic
from gateway import Gateway, free_port, request, wait_for

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="Chromium or chromedriver is not installed")

# Each page, and what must be on it.
PAGES = {
    "overview": ".figures .figure",
    "overview?last=3600": ".figures .figure",
    "overview?last=2592000&route=chat": ".figures .figure",
    "requests": "tbody tr",
    "requests?outcome=errors": "tbody tr",
    "request?id=req_23": ".waterfall .step",
    "experiments": ".card h3",
    "experiments/cheaper": ".stages .stage",
    "explorer?prompt=Prove+that+2+is+prime": ".opinion",
    "explorer?tab=thresholds": "input[type=range]",
    "explorer?tab=policies": "textarea",
    "config": "pre",
}
MODES = [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)]


class Browser:
    def __init__(self):
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for each in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--host-resolver-rules=MAP rebound.example 127.0.0.1"):
            options.add_argument(each)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
        self.base = ""

    def mode(self, theme="light", width=1280):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": theme}]})

    def at(self, gateway, key=None):
        """A tab of its own at this gateway's dashboard."""
        self.base = f"http://127.0.0.1:{gateway.admin_port}"
        self.driver.get(self.base + "/dashboard/icon.svg")
        self.js("sessionStorage.clear(); if (arguments[0]) sessionStorage.setItem('triage-admin-key', arguments[0])", key)
        self.news()

    def open(self, page, wanted=None, seconds=20):
        """Opens a page anew, and waits until it is there."""
        self.driver.get("about:blank")
        self.driver.get(f"{self.base}/dashboard/#/{page}")
        self.wait(wanted or "main > *", seconds)
        return self

    def wait(self, css, seconds=20, gone=False):
        def there():
            if self.all(".waiting"):
                return False
            return bool(self.all(css)) != gone

        wait_for(there, seconds, f"{css} at {self.driver.current_url}: {self.text('main')[:300] if self.all('main') else ''}")

    def js(self, code, *arguments):
        return self.driver.execute_script(code, *arguments)

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def text(self, css):
        return self.js("return document.querySelector(arguments[0])?.innerText ?? ''", css)

    def press(self, *keys):
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def news(self):
        """What was asked for, and what the console says, since the last call."""
        asked, said = [], []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                asked.append(message["params"]["request"]["url"])
        for entry in self.driver.get_log("browser"):
            said.append(f"{entry['level']}: {entry['message']}")
        return asked, said


@pytest.fixture(scope="module")
def browser():
    made = Browser()
    yield made
    made.driver.quit()


@pytest.fixture(scope="module")
def full(simulator, tmp_path_factory):
    """With an admin key."""
    gateway = full_gateway(simulator.port, tmp_path_factory.mktemp("full"))
    yield gateway
    assert gateway.stop() == 0, gateway.stderr()


@pytest.fixture(scope="module")
def empty(simulator, tmp_path_factory):
    """Without requests, and without an admin key."""
    folder = tmp_path_factory.mktemp("empty")
    gateway = Gateway(config(simulator.port, folder / "ledger", key=None), folder)
    yield gateway
    assert gateway.stop() == 0, gateway.stderr()


def is_sound(browser, page):
    """What must hold on every page."""
    asked, said = browser.news()
    outside = [url for url in asked if not url.startswith((browser.base + "/", "about:", "data:"))]
    assert asked and not outside, (page, outside)
    assert not [each for each in said if not each.startswith(("INFO", "DEBUG"))], (page, said)
    assert not browser.all(".problem[role=alert]"), (page, browser.text(".problem"))
    wide, window = browser.js("return [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= window, (page, "is wider than the window", wide, window)
    assert browser.js("return window.hacked") is None and not browser.all("img[src=x]"), page
    assert len(browser.all("script")) == 1, page
    words = browser.text("main")
    assert not [each for each in ("undefined", "NaN", "[object Object]", "Infinity") if each in words], (page, words)
    unnamed = browser.js("""return [...document.querySelectorAll('button, a[href], input, select, textarea, [role=img]')].filter(each => each.checkVisibility())
        .filter(each => !(each.innerText || each.getAttribute('aria-label') || each.title || each.labels?.length || each.querySelector('img[alt]'))).map(each => each.outerHTML)""")
    assert not unnamed, (page, unnamed)


def contrast_of(browser):
    """The lowest contrast of a text with what is behind it (WCAG 2.2, 1.4.3)."""
    return browser.js("""
        const rgb = text => text.match(/[\\d.]+/g).map(Number);
        const light = ([r, g, b]) => [r, g, b].map(each => (each /= 255) <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4).reduce((sum, each, at) => sum + each * [0.2126, 0.7152, 0.0722][at], 0);
        const behind = node => { for (; node; node = node.parentElement) { const color = rgb(getComputedStyle(node).backgroundColor); if (color.length === 3 || color[3] === 1) return color; } return [255, 255, 255]; };
        let worst = [99, ''];
        for (const node of document.querySelectorAll('main *')) {
          if (!node.checkVisibility() || node.disabled || ![...node.childNodes].some(each => each.nodeType === 3 && each.data.trim()) || node instanceof SVGElement || node.tagName === 'OPTION') continue;
          const [a, b] = [light(rgb(getComputedStyle(node).color)), light(behind(node))];
          const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          if (contrast < worst[0]) worst = [contrast, node.outerHTML.slice(0, 120)];
        }
        return worst""")


@pytest.mark.parametrize("theme,width", MODES)
def test_every_page_with_data_of_every_kind(browser, full, theme, width):
    browser.mode(theme, width)
    browser.at(full, ADMIN_KEY)
    for page, wanted in PAGES.items():
        browser.open(page, wanted)
        is_sound(browser, page)
        contrast, where = contrast_of(browser)
        assert contrast >= 4.4, (page, theme, contrast, where)
    dark = browser.js("return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0] < 60")
    assert dark == (theme == "dark")


@pytest.mark.parametrize("theme,width", [MODES[0], MODES[3]])
def test_every_page_without_data(browser, empty, theme, width):
    browser.mode(theme, width)
    browser.at(empty)
    for page in PAGES:
        if page.startswith("request?"):
            continue
        browser.open(page, ".empty" if "thresholds" in page else None)
        is_sound(browser, page)
    assert "No requests in this period" in browser.open("overview", ".empty").text("main")
    assert "No request fits" in browser.open("requests", ".empty").text("main")
    browser.open("request?id=req_nothing", ".problem")
    assert "no such request" in browser.text("main")
    browser.news()


def test_texts_stay_texts(browser, full):
    """In prompts, answers, models, routes, keys, verdicts, feedback and grades."""
    browser.mode()
    browser.at(full, ADMIN_KEY)
    browser.open("request?id=req_46", ".waterfall .step")
    words = browser.text("main")
    assert words.count(HOSTILE) >= 6, words
    browser.open("overview", "table")
    assert browser.text("main").count("</script>") >= 2
    browser.open(f"requests?text={HOSTILE.replace('<', '%3C').replace('=', '%3D')}", "tbody tr")
    browser.open("explorer?prompt=" + "%3Cimg%20src%3Dx%20onerror%3D%22window.hacked%3D3%22%3E", ".opinion")
    is_sound(browser, "hostile")


def test_each_number_leads_to_its_requests(browser, full):
    browser.mode()
    browser.at(full, ADMIN_KEY)
    browser.open("overview?last=86400", ".figures")
    links = browser.js("return [...document.querySelectorAll('main a[href^=\"#/requests\"]')].map(each => [each.innerText, each.getAttribute('href')])")
    assert len(links) > 25
    assert len(browser.all(".figures a.figure")) == len(browser.all(".figures .figure")) == 6

    def found(href):
        query = href.split("?", 1)[1].replace("last=86400", "last=90000")
        rows, before = 0, ""
        while True:
            status, _, body = request(full.admin_port, "GET", f"/api/ui/requests?rows=200&{query}{before}", headers={"x-triage-dashboard": "1"}, key=None)
            assert status == 200, (href, body)
            page = json.loads(body)
            rows += len(page["rows"])
            if page["next"] is None:
                return rows
            before = f"&before={page['next']}"

    total = json.loads(request(full.admin_port, "GET", "/api/ui/overview?last=86400", key=None)[2])
    figures = {text.split("\n")[0]: href for text, href in links if "\n" in text}
    assert found(figures["Requests"]) == total["total"]["requests"]
    assert found(figures["Errors"]) == total["total"]["errors"] > 0
    assert found(figures["Escalated"]) == total["total"]["escalations"] > 0
    for outcome, count in total["total"]["outcomes"].items():
        assert found(next(href for text, href in links if text == f"{outcome.replace('_', ' ')} {count:,}")) == count
    for dimension in ("key", "route"):
        for each in total["by"][dimension]:
            text = each["name"] or "(none)"
            assert found(next(href for title, href in links if title == text and f"{dimension}=" in href)) == each["requests"], text
    browser.all(".figures a.figure")[5].click()
    browser.wait("tbody tr .badge.bad")
    browser.all("tbody tr")[0].click()
    browser.wait(".waterfall")


def test_one_request_is_a_waterfall(browser, full):
    browser.mode()
    browser.at(full, ADMIN_KEY)
    for number, causes in ((22, ["first", "escalation"]), (26, ["first", "retry", "fallback"]), (17, ["first", "hedge"]), (19, ["first", "rescue"])):
        browser.open(f"request?id=req_{number}", ".waterfall .step")
        shown = browser.js("return [...document.querySelectorAll('.step')].map(each => each.querySelector('.badge').innerText)")
        assert shown == causes
    browser.open("request?id=req_22", ".step")
    spans = browser.js("return [...document.querySelectorAll('.step')].map(each => each.querySelector('.span').getBoundingClientRect().left)")
    assert spans[0] < spans[1]
    words = browser.text("main")
    assert "rejected: the answer declines" in words and "classifier" in words and "threshold 0.450" in words
    browser.driver.find_element(By.LINK_TEXT, "What would become of it now?").click()
    browser.wait(".opinion")


def test_by_keyboard_alone(browser, full):
    browser.mode()
    browser.at(full, ADMIN_KEY)
    browser.open("overview", ".figures")
    focus = lambda: browser.js("const at = document.activeElement; return at.innerText || at.getAttribute('aria-label') || at.tagName")  # noqa: E731
    browser.press(Keys.TAB)
    assert focus() == "Skip to the page"
    ring = browser.js("const style = getComputedStyle(document.activeElement); return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0")
    assert ring
    seen = []
    while focus() != "Router explorer":
        browser.press(Keys.TAB)
        seen.append(focus())
        assert len(seen) < 12, seen
    assert {"Overview", "Requests", "Experiments"} <= set(seen)
    browser.press(Keys.ENTER)
    browser.wait("textarea")
    browser.js("document.querySelector('textarea').focus()")
    browser.press("Prove that 2 is prime")
    webdriver.ActionChains(browser.driver).key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(Keys.CONTROL).perform()
    browser.wait(".opinion")
    browser.open("overview?last=86400", ".chart svg[tabindex]")
    browser.js("document.querySelector('.chart svg[tabindex]').focus()")
    browser.press(Keys.ARROW_LEFT)
    browser.wait(".chart .tip:not([hidden])")
    browser.press(Keys.ENTER)
    wait_for(lambda: "#/requests?" in browser.driver.current_url and "since=" in browser.driver.current_url, 5, "a point leads to its requests")
    browser.wait("tbody tr a")
    browser.js("document.querySelector('tbody tr a').focus()")
    browser.press(Keys.ENTER)
    browser.wait(".waterfall, .card")
    assert "request?id=" in browser.driver.current_url


def test_every_router_of_the_chain_says_its_opinion(browser, full):
    browser.mode()
    browser.at(full, ADMIN_KEY)
    browser.open("explorer?prompt=Prove+that+2+is+prime", ".opinion")
    first, second = browser.js("return [...document.querySelectorAll('.opinion')].map(each => each.innerText)")
    assert "heuristic" in first and "large" in first and "decides" in first and "would have said" not in first
    assert "classifier" in second and "score" in second and "would have said" in second and "decides" not in second


def test_thresholds_move(browser, full):
    browser.mode()
    browser.at(full, ADMIN_KEY)
    browser.open("explorer?tab=thresholds", "input[type=range]", 60)
    figures = lambda: browser.js("return Object.fromEntries([...document.querySelectorAll('.figure')].map(each => [each.children[0].innerText, [each.children[1].innerText, each.children[2].innerText]]))")  # noqa: E731
    before = figures()
    assert set(before) == {"Threshold", "To the strong tier", "Quality", "Cost a request", "Latency", "Wrong side"}
    assert all("±" in before[each][1] for each in ("To the strong tier", "Quality", "Cost a request", "Latency")), before
    assert "Move the threshold" in browser.text("main")
    browser.js("document.querySelector('input[type=range]').focus()")
    browser.press(Keys.HOME)
    first = figures()
    browser.press(Keys.END)
    last = figures()
    share = lambda each: float(each["To the strong tier"][0].split(" ")[0])  # noqa: E731
    assert share(first) < share(before) < share(last) == 100
    assert first["Cost a request"] != last["Cost a request"] and first["Latency"] != last["Latency"]
    assert len(browser.all("section table tbody tr")) > 5, "questions that change sides"


def test_two_policies_are_compared(browser, full):
    browser.mode()
    browser.at(full, ADMIN_KEY)
    other = json.loads(full.path.read_text())
    other["routes"]["chat"]["routers"][1]["classifier"]["thresholds"] = {"medium": 0.7, "large": 0.8}
    browser.open("explorer?tab=policies", "textarea")
    browser.js("document.querySelector('textarea').value = arguments[0]", json.dumps(other))
    browser.all("form button[type=submit]")[0].click()
    browser.wait(".figures", 60)
    words = browser.text("main")
    assert "Decided alike" in words and "medium → small" in words and "Cost a request" in words and "Verdict" in words
    is_sound(browser, "policies")


def test_a_candidate_is_compared_with_what_is_in_force(browser, full):
    browser.mode()
    browser.at(full, ADMIN_KEY)
    other = json.loads(full.path.read_text())
    other["routes"]["chat"]["tiers"]["large"] = ["sim-medium"]
    browser.open("config", "textarea")
    assert ADMIN_KEY not in browser.text("main") and "sha256" in browser.text("main")
    paste = lambda text: browser.js("document.querySelector('textarea').value = arguments[0]", text)  # noqa: E731
    paste(json.dumps(other))
    browser.all("main button.main")[0].click()
    browser.wait(".badge.good", 30)
    assert "What changes for traffic" in browser.text("main") and "sim-medium" in browser.text("[role=status] .opinion, main [role=status]")
    paste("routes: 5")
    browser.all("main button.main")[0].click()
    browser.wait(".badge.bad", 30)
    assert "cannot be served" in browser.text("main")


def test_experiments_are_shown_and_changed_with_the_key_only(browser, full, empty):
    browser.mode()
    browser.at(empty)
    browser.open("experiments/cheaper", ".stages")
    assert "Read only" in browser.text(".head") and not browser.all(".head .main")
    browser.at(full)
    browser.open("experiments/cheaper", ".stages")
    assert not browser.all(".head .danger") and "Enter the key" in browser.text(".head")
    browser.at(full, ADMIN_KEY)
    send_traffic(full, 40)
    wait_for(lambda: len(browser.open("experiments/cheaper", ".stages").all(".over-time svg polygon")) >= 2, 30, "the sequences are drawn")
    for words in ("e-value", "margin", "Finds a loss of"):  # the forecast is a command, which takes a while
        wait_for(lambda words=words: words in browser.text("main"), 60, words)

    def click(text):
        next(each for each in browser.all(".head button") if each.text == text).click()
        browser.wait("dialog[open]")
        browser.js("document.querySelector('dialog input').focus()")
        browser.press("by the test", Keys.ENTER)
        browser.wait("dialog", gone=True)

    click("Pause")
    wait_for(lambda: "paused" in browser.text(".head"), 10, "it is paused")
    click("Start")
    wait_for(lambda: "running" in browser.text(".head"), 10, "it runs")
    decided = json.loads(request(full.admin_port, "GET", "/admin/experiments/cheaper", key=None)[2])["decisions"]
    assert [(each["action"], each["actor"]) for each in decided][-2:] == [("pause", "ops"), ("start", "ops")]
    assert "by the test" in decided[-1]["reason"]
    is_sound(browser, "experiments")


def test_new_requests_come_by_themselves(browser, full):
    browser.mode()
    browser.at(full, ADMIN_KEY)
    browser.open("requests?live=1", "tbody tr")
    before = browser.js("return document.querySelector('tbody tr a').title")
    request(full.port, "POST", "/v1/chat/completions", {"model": "auto", "messages": [{"role": "user", "content": "a new one"}]}, key=None)
    wait_for(lambda: browser.js("return document.querySelector('tbody tr a').title") != before, 15, "it is in the list")
    assert "a new one" in browser.text("tbody tr")


def test_a_wrong_key_is_said_to_be_wrong(browser, full):
    browser.mode()
    browser.at(full, "tk-wrong")
    browser.open("requests", "tbody tr")
    wait_for(lambda: browser.text("#key") == "Wrong key", 5, "the key is told")
    assert "Proof" not in browser.text("tbody") and HOSTILE not in browser.js("return document.body.innerText.split('Prompt')[1] ?? ''")
    browser.all("#key")[0].click()
    browser.wait("dialog[open]")
    browser.press(ADMIN_KEY, Keys.ENTER)
    wait_for(lambda: browser.text("#key") == "Key in use", 5, "the key is right")
    browser.js("sessionStorage.clear()")


def test_pages_of_others_see_and_change_nothing(browser, full):
    """One that leads here under a name of its own, and one that asks from where it is."""
    browser.mode()
    browser.at(full)
    browser.driver.get(f"http://rebound.example:{full.admin_port}/dashboard/")
    assert not browser.all("#page") and "does not answer to the host" in browser.driver.page_source
    before = request(full.admin_port, "GET", "/admin/experiments/cheaper", key=None)[2]
    port = free_port()

    class Evil(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = f"""<!doctype html><title>evil</title><iframe id=frame src="http://127.0.0.1:{full.admin_port}/dashboard/"></iframe>
                <form id=form method=post enctype=text/plain target=sink action="http://127.0.0.1:{full.admin_port}/admin/experiments/cheaper/rollback"></form><iframe name=sink></iframe>""".encode()
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Evil)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        browser.driver.get(f"http://127.0.0.1:{port}/")
        browser.driver.set_script_timeout(10)
        for path, options in (
            ("/api/ui/requests", {}), ("/api/ui/requests", {"headers": {"x-triage-dashboard": "1"}}), ("/admin/config", {}), ("/metrics", {}),
            ("/api/ui/explain", {"method": "POST", "body": '{"prompt":"x"}'}), ("/admin/experiments/cheaper/rollback", {"method": "POST"}),
            ("/admin/reload", {"method": "POST", "headers": {"content-type": "text/plain"}}),
        ):
            said = browser.driver.execute_async_script("const [url, options, done] = arguments; fetch(url, options).then(async answer => done(await answer.text()), () => done(null))", f"http://127.0.0.1:{full.admin_port}{path}", options)
            assert said is None, (path, options, said)
        browser.js("document.getElementById('form').submit()")
        time.sleep(0.5)
        framed = browser.js("try { return document.getElementById('frame').contentDocument?.body.innerText ?? null } catch { return null }")
        assert not framed
    finally:
        server.shutdown()
        server.server_close()
    after = request(full.admin_port, "GET", "/admin/experiments/cheaper", key=None)[2]
    assert json.loads(before)["state"] == json.loads(after)["state"] and len(json.loads(before)["decisions"]) == len(json.loads(after)["decisions"])
    browser.news()


def test_the_first_paint_comes_within_a_second(browser, full):
    browser.mode()
    browser.at(full)
    browser.open("overview", ".figures")
    assert browser.js("return performance.getEntriesByName('first-contentful-paint')[0].startTime") < 1000
