//! Answers that attack: each is shown to succeed where its script runs in the page, and then to fail where it runs in a
//! frame of its own. `docs/jsonp.md` lists them.

use std::future::IntoFuture;
use std::time::Duration;

use futures_util::future::join;
use pagewire::jsonp;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::conformance_engine::{Engine, encoded, engine, own_origin};
use crate::jsonp::script;
use crate::leaks::census;
use crate::shared::{Wire, evaluate, sleep, within};

use Proof::{Loot, Page, Sent};

/// How an attack is known to have succeeded.
enum Proof {
    /// The answer has the word `loot` in it: the script could read what it was not meant to.
    Loot,
    /// This is true in the page.
    Page(&'static str),
    /// The server was asked for `/echo` or `/ws/echo`.
    Sent,
}

/// What the page has that is worth attacking.
const STAGE: &str = "
    document.cookie = 'secret=loot';
    localStorage.secret = sessionStorage.secret = 'loot';
    const victim = document.createElement('iframe');
    victim.name = 'victim';
    victim.style.display = 'none';
    const secret = document.createElement('p');
    secret.id = 'secret';
    secret.textContent = 'loot';
    document.body.append(victim, secret);
    window.secretFunction = (word) => { window.called = word; };
    window.keptAlert = window.alert;
    window.alert = (word) => { window.called = word; };
    window.channel = new BroadcastChannel('app');
    channel.onmessage = (event) => { window.called = event.data; };
    history.replaceState(null, '', '/?page' + '-token');";

/// As it was.
const STRIKE: &str = "
    document.cookie = 'secret=; max-age=0';
    delete localStorage.secret;
    delete sessionStorage.secret;
    document.querySelectorAll('[name=victim], #secret, .planted').forEach((it) => it.remove());
    channel.close();
    window.alert = window.keptAlert;
    delete Object.prototype.polluted;
    delete Array.prototype.planted;
    delete document.body.dataset.planted;
    for (const name of ['secretFunction', 'keptAlert', 'channel', 'called', 'planted']) delete window[name];
    history.replaceState(null, '', '/');";

/// The attack as a whole script, in the page: it calls back at once.
fn in_page(attack: &str) -> String {
    format!(
        "var loot = ''; (() => {{ try {{ {attack} }} catch (error) {{}} }})(); {{callback}}(String(loot)); delete window.loot;"
    )
}

/// The same in a frame: it keeps the frame from saying that the script has loaded, and gives itself time.
fn in_frame(attack: &str) -> String {
    format!(
        "document.currentScript.onload = null; var loot = ''; (() => {{ try {{ {attack} }} catch (error) {{}} }})(); \
         setTimeout(() => {{callback}}(String(loot)), 400);"
    )
}

async fn succeeds(proof: &Proof, wire: &Wire, answer: Option<String>) -> bool {
    match proof {
        Loot => answer.is_some_and(|answer| answer.contains("loot")),
        Page(expression) => evaluate(&format!("return {expression}")).await.unwrap().is_truthy(),
        Sent => wire.entries().await.iter().any(|entry| entry.path.ends_with("/echo")),
    }
}

async fn attempt(attack: &str, proof: &Proof, isolated: bool) -> bool {
    let wire = Wire::new().await;
    let page = own_origin().await + "/?page-token";
    let attack = attack
        .replace("{page}", &page)
        .replace("{echo}", &wire.url("/echo"))
        .replace("{ws}", &wire.ws("/ws/echo"));
    evaluate(STAGE).await.unwrap();
    let answer = if isolated {
        jsonp::get(script(&wire, &in_frame(&attack))).await
    } else {
        jsonp::get_and_trust_the_server_with_this_page(script(&wire, &in_page(&attack))).await
    };
    let answer = answer.ok().map(|answer| answer.text().to_owned());
    if isolated {
        assert!(answer.is_some(), "the attack must have run");
    }
    let mut success = succeeds(proof, &wire, answer.clone()).await;
    for _ in 0..if isolated { 2 } else { 40 } {
        if success {
            break;
        }
        sleep(50).await;
        success = succeeds(proof, &wire, answer.clone()).await;
    }
    evaluate(STRIKE).await.unwrap();
    success
}

async fn fails_in_a_frame_only(attack: &str, proof: Proof) {
    assert!(attempt(attack, &proof, false).await, "without a frame it must succeed: {attack}");
    assert!(!attempt(attack, &proof, true).await, "it must not succeed: {attack}");
}

macro_rules! attacks {
    ($($name:ident: $proof:expr, $attack:expr;)*) => {$(
        #[wasm_bindgen_test]
        async fn $name() {
            fails_in_a_frame_only($attack, $proof).await;
        }
    )*};
}

attacks! {
    reading_the_cookies: Loot, "loot = document.cookie";
    reading_local_storage: Loot, "loot = localStorage.secret";
    reading_session_storage: Loot, "loot = sessionStorage.secret";
    reading_the_page: Loot, "loot = parent.document.getElementById('secret').textContent";
    reading_the_page_s_address: Loot, "const seen = document.baseURI + document.referrer + document.URL + JSON.stringify(performance.getEntries()); loot = seen.includes('page' + '-token') && 'loot'";
    reading_a_variable_of_the_page: Loot, "loot = parent.secretFunction && 'loot'";
    changing_the_page: Page("document.body.dataset.planted"), "parent.document.body.dataset.planted = 1";
    calling_a_function_of_the_page: Page("window.called === 'planted'"), "parent.secretFunction('planted')";
    showing_a_dialog: Page("window.called === 'planted'"), "alert('planted')";
    planting_a_global: Page("window.planted"), "window.planted = true; parent.planted = true";
    polluting_the_prototype_of_objects: Page("({}).polluted"), "Object.prototype.polluted = true";
    polluting_the_prototype_of_arrays: Page("[].planted"), "Array.prototype.planted = true; parent.Array.prototype.planted = true";
    running_a_getter_of_its_own_in_the_page: Page("window.planted"), "JSON.stringify({ get a() { window.planted = true } })";
    speaking_on_the_page_s_channel: Page("window.called === 'planted'"), "new BroadcastChannel('app').postMessage('planted')";
    navigating_the_page: Page("location.hash === '#planted'"), "top.location.href = '{page}#planted'";
    navigating_the_page_by_replacement: Page("location.hash === '#planted'"), "parent.location.replace('{page}#planted')";
    rewriting_the_page_s_history: Page("history.state === 'planted'"), "parent.history.pushState('planted', '')";
    navigating_a_frame_of_the_page: Sent, "open('{echo}', 'victim')";
    posting_a_form: Sent, "const form = document.createElement('form'); form.className = 'planted'; form.method = 'post'; form.action = '{echo}'; form.target = 'victim'; document.documentElement.append(form); form.submit()";
    asking_by_fetch: Sent, "fetch('{echo}', { credentials: 'include' }).catch(() => {})";
    asking_by_xml_http_request: Sent, "const xhr = new XMLHttpRequest; xhr.open('POST', '{echo}'); xhr.send('x')";
    asking_by_an_image: Sent, "new Image().src = '{echo}'";
    asking_by_a_beacon: Sent, "navigator.sendBeacon('{echo}', 'x')";
    asking_by_a_style_sheet: Sent, "const link = document.createElement('link'); link.className = 'planted'; link.rel = 'stylesheet'; link.href = '{echo}'; document.documentElement.append(link)";
    asking_by_a_web_socket: Sent, "new WebSocket('{ws}')";
    asking_by_an_event_source: Sent, "new EventSource('{echo}').onerror = (event) => event.target.close()";
    importing_a_module_of_another_server: Sent, "import('{echo}'.replace('127.0.0.1', 'localhost')).catch(() => {})";
    loading_a_script_of_another_server: Sent, "const more = document.createElement('script'); more.className = 'planted'; more.type = 'module'; more.src = '{echo}'.replace('127.0.0.1', 'localhost'); document.documentElement.append(more)";
    opening_a_frame_of_its_own: Sent, "const frame = document.createElement('iframe'); frame.className = 'planted'; frame.src = '{echo}'; document.documentElement.append(frame)";
    starting_a_worker: Sent, "new Worker(URL.createObjectURL(new Blob([`fetch('{echo}').catch(() => {})`])))";
}

// What needs a stage of its own

/// A call that is on its way while another's script attacks it, and what it comes to.
async fn victim_and_attacker(
    isolated: bool,
    attack: &str,
) -> (pagewire::Result<jsonp::Answer>, pagewire::Result<jsonp::Answer>) {
    let wire = Wire::new().await;
    let way = if isolated { jsonp::get } else { jsonp::get_and_trust_the_server_with_this_page };
    let victim = way(wire.url("/jsonp?data=\"true\"&delay=600")).callback_name("victim");
    let attacker = way(script(&wire, attack)).callback_name("attacker");
    join(victim.into_future(), async {
        sleep(200).await;
        attacker.await
    })
    .await
}

#[wasm_bindgen_test]
async fn forging_another_call_s_result_by_guessing_its_name() {
    let attack = "for (const it of [() => self, () => parent, () => parent[0], () => parent[1]]) \
                  { try { it().victim('forged') } catch (error) {} } {callback}(1)";
    let (victim, _) = victim_and_attacker(false, attack).await;
    assert_eq!(victim.unwrap().text(), "\"forged\"");
    let (victim, attacker) = victim_and_attacker(true, attack).await;
    assert_eq!(victim.unwrap().text(), "\"true\"");
    assert_eq!(attacker.unwrap().text(), "1");
}

#[wasm_bindgen_test]
async fn forging_another_call_s_result_by_messages() {
    evaluate("window.heard = []; window.naive = (event) => heard.push(event.data); addEventListener('message', naive)")
        .await
        .unwrap();
    let attack = "for (let at = -1; at < parent.length; at += 1) \
                  (at < 0 ? parent : parent[at]).postMessage('j\"forged\"', '*')";
    let (victim, attacker) = victim_and_attacker(true, attack).await;
    // Whoever does not ask who speaks takes it.
    let heard = evaluate("removeEventListener('message', naive); return heard.includes('j\"forged\"')").await;
    assert!(heard.unwrap().is_truthy());
    evaluate("delete window.heard; delete window.naive").await.unwrap();
    assert_eq!(victim.unwrap().text(), "\"true\"");
    // It is the attacker's own answer, to which it has every right.
    assert_eq!(attacker.unwrap().text(), "\"forged\"");
}

#[wasm_bindgen_test]
async fn a_flood_of_messages_ends_with_the_first_that_makes_no_sense() {
    let wire = Wire::new().await;
    let flood = "for (let at = 0; at < 20000; at += 1) parent.postMessage({ at }, '*')";
    let call = jsonp::get(script(&wire, flood));
    let error = within(10_000, call).await.expect("it must end").unwrap_err();
    assert!(error.is_decode(), "{error}");
}

#[wasm_bindgen_test]
async fn what_has_no_end_ends_with_the_time_limit_where_the_engine_gives_frames_a_process() {
    if engine().await != Engine::Chromium {
        return;
    }
    for text in ["while (true);", "while (true) parent.postMessage(1, '*')"] {
        let wire = Wire::new().await;
        let call = jsonp::get(script(&wire, text)).timeout(Duration::from_millis(500));
        let error = within(5000, call).await.expect("it must end").unwrap_err();
        assert!(error.is_timeout(), "{error}");
    }
}

#[wasm_bindgen_test]
async fn a_huge_answer_comes_no_further_than_the_frame() {
    let wire = Wire::new().await;
    let honest = "{callback}('x'.repeat(40 << 20))";
    let forged = "parent.postMessage('j\"' + 'x'.repeat(40 << 20) + '\"', '*')";
    // A page that allows so much gets it.
    let control = jsonp::get(wire.url("/jsonp?size=2000000")).max_size(64 << 20).await.unwrap();
    assert_eq!(control.text().len(), 2_000_002);
    drop(control);
    let before = census().await;
    for text in [honest, forged] {
        assert!(jsonp::get(script(&wire, text)).await.unwrap_err().is_too_large(), "{text}");
    }
    assert_eq!(census().await, before);
}

#[wasm_bindgen_test]
async fn messages_that_are_no_data_are_no_answer() {
    for message in [
        "'j'",
        "'jundefined'",
        "'j{a:1}'",
        "'j1 2'",
        "'x'",
        "''",
        "{ j: 1 }",
        "['j1']",
        "null",
        "7n",
        "new Map",
    ] {
        let wire = Wire::new().await;
        let text = format!("parent.postMessage({message}, '*')");
        assert!(jsonp::get(script(&wire, &text)).await.unwrap_err().is_decode(), "{message}");
    }
}

#[wasm_bindgen_test]
async fn data_that_breaks_readers_does_not_break_this_one() {
    let wire = Wire::new().await;
    let deep = "parent.postMessage('j' + '['.repeat(200000) + ']'.repeat(200000), '*')";
    // Engines differ in how deep they read.
    let read = jsonp::get(script(&wire, deep)).await.and_then(|answer| answer.json::<serde_json::Value>());
    assert!(read.unwrap_err().is_decode());
    let lone = "parent.postMessage('j\"\\ud800\"', '*')";
    assert_eq!(jsonp::get(script(&wire, lone)).await.unwrap().json::<String>().unwrap(), "\u{fffd}");
    let proto = "{callback}(JSON.parse('{\"__proto__\": {\"polluted\": true}}'))";
    let answer = jsonp::get(script(&wire, proto)).await.unwrap();
    assert_eq!(answer.text(), "{\"__proto__\":{\"polluted\":true}}");
    assert!(evaluate("return ({}).polluted").await.unwrap().is_undefined());
}

#[wasm_bindgen_test]
async fn a_frame_that_leaves_for_another_page_has_no_answer() {
    let wire = Wire::new().await;
    let away = encoded("<script>parent.postMessage('r', '*')</script>");
    let text = format!(
        "location = '{}'",
        wire.url(&format!("/status/200?text={away}&header=Content-Type:text/html"))
    );
    let call = jsonp::get(script(&wire, &text)).timeout(Duration::from_secs(20));
    let error = within(10_000, call).await.expect("it must end").unwrap_err();
    assert!(error.is_decode(), "{error}");
}

#[wasm_bindgen_test]
async fn taking_the_frame_s_program_over_changes_no_other_call() {
    let wire = Wire::new().await;
    let text = "JSON.stringify = () => '\"mine\"'; Object.defineProperty(window, 'parent', { value: null }); {callback}(1)";
    let (mine, other) = join(
        jsonp::get(script(&wire, text)).into_future(),
        jsonp::get(wire.url("/jsonp?data=2")).into_future(),
    )
    .await;
    assert_eq!(mine.unwrap().text(), "\"mine\"");
    assert_eq!(other.unwrap().text(), "2");
}
