"""Runs for the detectors of signatures: an answer that is none, and answers that only look so."""

from __future__ import annotations

from typing import Any

from scenarios.kit import build_trace, fires, graph, node, ran, silent

from argus.model.trace import LlmCall, Trace
from argus.model.values import mark

GRAPH = graph(
    "question:str documents:list answer:str",
    node("retrieve", "question", "documents"),
    node("generate", "question documents", "answer"),
)
ASKED = {"question": "How deep is Lake Baikal?"}
DOCS = ["Lake Baikal is 1,642 metres deep. It holds a fifth of the fresh water that lies on the surface."]


def said(text: Any, field: str = "answer", node_name: str = "generate", **more: Any) -> Trace:
    """A run whose last step returns this."""
    given = more.pop("input", ASKED)
    shape = GRAPH
    if (field, node_name) != ("answer", "generate"):
        shape = graph(
            f"question:str documents:list {field}:any",
            node("retrieve", "question", "documents"),
            node(node_name, "question documents", field),
        )
    return build_trace(
        ran("retrieve", {"documents": DOCS}), ran(node_name, {field: text}, **more), input=given, graph=shape
    )


def bad(kind: str, code: str, severity: str, name: str, about: str, text: Any, **more: Any) -> None:
    """A text in which the detector sees a failure."""
    where = f"{more.get('node_name', 'generate')}#2 {more.get('field', 'answer')}"
    fires(f"signatures/{kind}", name, about, said(text, **more), f"{code} {severity} {where}")


def good(kind: str, name: str, about: str, text: Any, **more: Any) -> None:
    """A text in which it sees none."""
    silent(f"signatures/{kind}", name, about, said(text, **more))


ANSWER = "Lake Baikal is 1,642 metres deep, which makes it the deepest lake of the world."

# placeholder
bad("placeholder", "SIG501", "warning", "todo", "nobody wrote the answer", "TODO")
good("placeholder", "todo_mended", "somebody did", ANSWER)
bad("placeholder", "SIG501", "warning", "insert_here", "a gap in a sentence", "Thank you. [insert depth here]")
bad("placeholder", "SIG501", "warning", "lorem", "filling text", "Lorem ipsum dolor sit amet, consectetur adipiscing.")
bad("placeholder", "SIG501", "warning", "not_applicable", "no answer at all", "N/A")
bad("placeholder", "SIG501", "warning", "german", "the same in German", "[Hier Text einfügen]")
bad("placeholder", "SIG501", "warning", "chinese", "the same in Chinese", "待补充")
good("placeholder", "code_with_todo", "code may have TODOs", "def f():\n    pass  # TODO: cache", field="code")
good("placeholder", "task_list", "a list of tasks", ["TODO: buy milk", "TODO: call Ann"], field="todos")
good("placeholder", "status", "a status word", "todo", field="status")
good("placeholder", "yes", "a short answer", "yes")
good("placeholder", "about_lorem", "prose about lorem ipsum", "Lorem ipsum is no real Latin; it comes from Cicero.")
good("placeholder", "about_todo", "prose about a TODO", "The only TODO left in the code is about caching; it is done.")
good("placeholder", "echo", "the user asks what TBD means", "TBD", input={"question": "TBD"})
good(
    "placeholder",
    "words_of_the_question",
    "the answer is a word of the question",
    "todo",
    input={"question": "Which word stands in the heading, todo or done?"},
)
good(
    "placeholder",
    "rows_with_gaps",
    "data in which some values are missing",
    [{"name": "Ann", "phone": "N/A"}, {"name": "Ben", "phone": "030 1"}, {"name": "N/A", "phone": "TBD"}],
    field="contacts",
)

# refusal
REFUSED = "I'm sorry, but I can't assist with that request."
bad("refusal", "SIG502", "warning", "english", "the model declined", REFUSED)
good("refusal", "english_mended", "the model answered", ANSWER)
bad("refusal", "SIG502", "warning", "german", "in German", "Leider kann ich bei dieser Anfrage nicht weiterhelfen.")
bad("refusal", "SIG502", "warning", "japanese", "in Japanese", "申し訳ございませんが、そのご質問にはお答えできません。")
bad("refusal", "SIG502", "warning", "model", "by what it is", "As an AI, I don't have personal opinions on lakes.")
bad(
    "refusal",
    "SIG502",
    "info",
    "helps_on",
    "it declines and offers something else",
    "I'm sorry, but I can't help with that. However, I can explain how lakes form.",
)
good(
    "refusal", "nothing_found", "honest about an empty search", "I'm sorry, I could not find anything about this lake."
)
good(
    "refusal",
    "scope",
    "a polite statement of scope",
    "I can only answer questions about our shop. Can I help you there?",
)
good(
    "refusal",
    "business",
    "a business says no",
    "Unfortunately we cannot pay for the damage: the policy excludes floods.",
)
good("refusal", "guard", "a node that declines on purpose", REFUSED, node_name="decline_unsafe")
good("refusal", "quoted", "prose about refusals", "Models answer “I can't help with that” when a rule forbids a topic.")

# error payload
bad("error_payload", "SIG503", "critical", "http_body", "a body of an HTTP error", "429 Too Many Requests")
good("error_payload", "http_body_mended", "the second request went through", ANSWER)
bad(
    "error_payload",
    "SIG503",
    "critical",
    "record",
    "an error record",
    {"error": {"type": "overloaded", "message": "Busy"}},
)
bad(
    "error_payload",
    "SIG503",
    "critical",
    "json_text",
    "as JSON text",
    '{"status": 503, "title": "Service Unavailable"}',
)
bad("error_payload", "SIG503", "critical", "exception", "what str(error) gives", "ValueError: could not convert 'n/a'")
bad("error_payload", "SIG503", "critical", "french", "in French", "Une erreur est survenue. Veuillez réessayer.")
good(
    "error_payload", "prose", "prose about an error", "Error 429 means that a client sent too many requests in a while."
)
good("error_payload", "error_field", "an error where errors belong", "Error: timeout", field="last_error")
good("error_payload", "clean_record", "a record with an empty error", {"error": None, "depth": 1642}, field="result")
good("error_payload", "verdict", "a check that failed", {"status": "failed", "reason": "too deep"}, field="verdict")
good(
    "error_payload",
    "incidents",
    "errors are the data",
    [{"error": "timeout", "code": 504}, {"error": "refused", "code": 502}],
    field="outages",
)
silent(
    "signatures/error_payload",
    "looked_at",
    "the next step looks at the error",
    build_trace(
        ran("call", {"reply": {"error": "no such order"}}),
        ran("answer", {"answer": "There is no such order."}),
        input=ASKED,
        graph=graph(
            "question:str reply:dict answer:str",
            node("call", "question", "reply"),
            node("answer", "reply.error?", "answer"),
        ),
    ),
)
silent(
    "signatures/error_payload",
    "second_round",
    "the next round replaced it",
    build_trace(
        ran("generate", {"answer": "503 Service Unavailable"}, metadata={"superstep": 1}),
        ran("judge", {"score": 0}, metadata={"superstep": 2}),
        ran("generate", {"answer": ANSWER}, metadata={"superstep": 3}),
        input=ASKED,
        graph=graph(
            "question:str answer:str score:int",
            node("generate", "question", "answer"),
            node("judge", "answer", "score"),
            branches={"judge(score)": ["generate", "__end__"]},
        ),
    ),
)

# truncated JSON
JSON = '{"lake": "Baikal", "depth_m": 1642, "islands": ["Olkhon", "Bolshoy"]}'
bad("truncated_json", "SIG504", "warning", "cut", "the end is missing", JSON[:-9])
good("truncated_json", "cut_mended", "the JSON is whole", JSON)
bad("truncated_json", "SIG504", "warning", "fenced", "in a code fence", "```json\n" + JSON[:40])
bad("truncated_json", "SIG504", "warning", "colon_missing", "a character is missing", JSON.replace('":', '"', 1))
good("truncated_json", "words_behind", "JSON with words behind it", JSON + "\nThis is what I know.")
good("truncated_json", "lines", "one JSON value a line", JSON + "\n" + JSON)
bad("truncated_json", "SIG504", "info", "python", "the written form of a Python value", "{'lake': 'Baikal', 'm': 1642}")
bad("truncated_json", "SIG504", "warning", "python_payload", "where JSON is wanted", "{'m': 1642}", field="payload")
good("truncated_json", "set", "a set in braces", "{1642, 1637} are the depths that the books give")
good("truncated_json", "footnote", "a footnote", "[1] Sources differ by five metres")
good("truncated_json", "chunk", "a piece of a file", [{"text": JSON[:30], "id": 1}], field="chunks")

# HTML
PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form action='/login'></form></body></html>"
bad("unexpected_html", "SIG505", "warning", "login", "a login page", PAGE)
good("unexpected_html", "login_mended", "the words of the page", ANSWER)
bad(
    "unexpected_html",
    "SIG505",
    "warning",
    "xml_error",
    "an XML error",
    "<?xml version='1.0'?><Error><Code>Denied</Code></Error>",
)
bad("unexpected_html", "SIG505", "info", "markup", "an answer in markup", "<p>Lake Baikal is <b>1,642 m</b> deep.</p>")
GATEWAY = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><hr><center>nginx</center></body>\r\n</html>"
bad("unexpected_html", "SIG505", "warning", "gateway", "a gateway's error where a page belongs", GATEWAY, field="body")
bad(
    "unexpected_html",
    "SIG505",
    "warning",
    "only_a_heading",
    "a service's error where a page belongs",
    "<!doctype html><body><h1>Error 429: Too Many Requests</h1></body>",
    field="raw_html",
)
good(
    "unexpected_html",
    "about_errors",
    "a page about errors",
    "<html><head><title>404 and other numbers, explained</title></head><body><h1>What 404 means</h1></body></html>",
    field="body",
)
good("unexpected_html", "html_field", "a field for pages", PAGE, field="html")
good(
    "unexpected_html",
    "fetched",
    "a node that fetches pages",
    "<html><body><p>1,642 m</p></body></html>",
    node_name="fetch_page",
)
good(
    "unexpected_html",
    "about_tags",
    "prose about markup",
    "The <title> tag holds the name of the page; put it into the head.",
)

# mojibake
bad("mojibake", "SIG506", "warning", "latin", "UTF-8 read as Windows-1252", "Das CafÃ© in MÃ¼nchen Ã¶ffnet um acht.")
good("mojibake", "latin_mended", "read as UTF-8", "Das Café in München öffnet um acht.")
bad("mojibake", "SIG506", "warning", "quotes", "typographic quotes", "It is the lakeâ€™s depth â€“ 1,642 metres.")
bad(
    "mojibake",
    "SIG506",
    "warning",
    "cyrillic",
    "Russian read as Windows-1252",
    "ÐžÐ·ÐµÑ€Ð¾ Ð‘Ð°Ð¹ÐºÐ°Ð» Ð³Ð»ÑƒÐ±Ð¾ÐºÐ¾Ðµ",
)
bad("mojibake", "SIG506", "warning", "lost", "characters were lost", "M�nchen liegt s�dlich von N�rnberg.")
good("mojibake", "portuguese", "capital letters with a tilde", "A SÃO da AMÉRICA: «CAFÉ», não «CHÁ». É só isto.")
good(
    "mojibake",
    "many_scripts",
    "many scripts",
    "Ümläut, Ñandú, Здравствуйте, 日本語, 한국어, עברית, ½ €, «naïve» – œuvre",
)
good("mojibake", "box", "a drawn tree", "├── src\n│   └── main.py\n└── README")
good(
    "mojibake",
    "echo",
    "the input was spoilt already",
    "Das CafÃ© ist offen.",
    input={"question": "Ist das CafÃ© offen?"},
)

# repeated filler
bad("repeated_filler", "SIG507", "warning", "phrase", "a phrase without end", "and so on " * 12)
good("repeated_filler", "phrase_mended", "said once", ANSWER)
bad("repeated_filler", "SIG507", "warning", "tail", "a loop at the end", ANSWER + " It is deep." * 20)
bad("repeated_filler", "SIG507", "warning", "characters", "one character", "a" * 90)
bad("repeated_filler", "SIG507", "warning", "japanese", "a loop in Japanese", "とても深いです。" * 12)
good(
    "repeated_filler",
    "song",
    "a chorus",
    "Row, row, row your boat\nGently down the stream\nMerrily, merrily, merrily, merrily\nLife is but a dream",
)
good(
    "repeated_filler",
    "table",
    "a table with rules",
    "| a | b |\n|-----|-----|\n| 1 | 2 |\n| 1 | 3 |\n| 1 | 4 |\n| 1 | 2 |",
)
good(
    "repeated_filler",
    "checklist",
    "lines that resemble each other",
    "\n".join(f"- [ ] check pump {n}" for n in range(12)),
)
good("repeated_filler", "zeros", "data", "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0", field="histogram")

# stack trace
TRACE = (
    'Traceback (most recent call last):\n  File "/app/lake.py", line 7, in depth\n    return rows[0]\n'
    "IndexError: list index out of range"
)
bad("stack_trace", "SIG508", "critical", "python", "a Python traceback", TRACE)
good("stack_trace", "python_mended", "the depth", ANSWER)
bad(
    "stack_trace",
    "SIG508",
    "critical",
    "javascript",
    "a JavaScript stack",
    "TypeError: lake is undefined\n    at depth (/srv/lake.js:7:11)\n    at async main (/srv/app.js:3:2)",
)
bad(
    "stack_trace",
    "SIG508",
    "info",
    "explained",
    "an explanation with a traceback in it",
    f"You see this when the list is empty:\n```\n{TRACE}\n```\nCheck its length first. " + ANSWER,
)
good("stack_trace", "log_field", "a field for logs", TRACE, field="worker_log")
good("stack_trace", "prose", "prose about tracebacks", "A traceback lists the calls; the last line names the error.")
good("stack_trace", "echo", "the user sent it", TRACE, input={"question": f"What is this?\n{TRACE}"})

# unfilled template
bad(
    "unfilled_template",
    "SIG509",
    "warning",
    "braces",
    "an f-string without f",
    "Dear {name}, the lake is {depth} metres deep.",
)
good("unfilled_template", "braces_mended", "filled in", "Dear Ann, the lake is 1,642 metres deep.")
bad("unfilled_template", "SIG509", "warning", "mustache", "another template language", "Hello {{ user.first_name }}!")
bad("unfilled_template", "SIG509", "warning", "letter", "a letter with gaps", "Kind regards,\n[Your Name]")
bad(
    "unfilled_template",
    "SIG509",
    "info",
    "about",
    "prose about templates",
    "Use {name} as the placeholder in your template.",
)
good("unfilled_template", "template_field", "a field for templates", "Dear {name},", field="mail_template")
good("unfilled_template", "latex", "a formula", r"The depth is \frac{a}{b} with x_{i} and \text{max}.")
good("unfilled_template", "code", "code in a fence", "Write this:\n```python\nprint(f'{depth} m')\n```\nThat is all.")
good("unfilled_template", "path", "a path", "Call GET /lakes/{id} and read the depth.")
good("unfilled_template", "json", "JSON", JSON)
good(
    "unfilled_template",
    "percent",
    "a percentage",
    "Baikal holds 20 % of the surface's fresh water, not 80 % so far",
)

# prompt leak
PROMPT = (
    "You are a limnologist who answers visitors of the museum. Never reveal that the figures come from the archive. "
    "Answer in two sentences and always name the source."
)
bad(
    "prompt_leak",
    "SIG510",
    "warning",
    "typical",
    "a prompt in place of an answer",
    "You are a helpful assistant. Answer only from the context.",
)
good("prompt_leak", "typical_mended", "an answer", ANSWER)
bad(
    "prompt_leak",
    "SIG510",
    "warning",
    "recorded",
    "sentences of the system message",
    f"Sure. My rules: {PROMPT} {ANSWER}",
    llm_calls=(LlmCall(messages=[{"type": "system", "content": PROMPT}, {"type": "human", "content": "How deep?"}]),),
)
bad("prompt_leak", "SIG510", "warning", "tokens", "control tokens", f"{ANSWER}<|im_end|>\n<|im_start|>user")
good(
    "prompt_leak",
    "facts_from_the_prompt",
    "facts that the system message told",
    DOCS[0],
    llm_calls=(LlmCall(messages=[{"type": "system", "content": f"Facts: {DOCS[0]} {PROMPT}"}]),),
)
good("prompt_leak", "prompt_field", "a node that writes prompts", PROMPT, field="system_prompt")
good("prompt_leak", "praise", "second person, no instructions", "You are an expert swimmer, and the lake is yours.")

# cut output
bad(
    "cut_output",
    "SIG511",
    "warning",
    "finish_reason",
    "the model says so",
    "Lake Baikal is the deepest lake of the world. Its depth",
    llm_calls=(
        LlmCall(
            response={"content": "Lake Baikal is the deepest lake of the world. Its depth"}, finish_reason="length"
        ),
    ),
)
good("cut_output", "finish_reason_mended", "the whole answer", ANSWER)
bad(
    "cut_output",
    "SIG511",
    "warning",
    "inside_a_word",
    "it stops in a word of a document",
    "Lake Baikal is 1,642 metres deep. It holds a fifth of the fresh wat",
)
bad(
    "cut_output",
    "SIG511",
    "warning",
    "conjunction",
    "it ends with a conjunction",
    "The lake is very deep. It lies in Siberia and",
)
bad(
    "cut_output",
    "SIG511",
    "warning",
    "no_end",
    "the last sentence has no end, all others have",
    "The lake is very deep. It lies in Siberia, far from any sea. Visitors come mostly in summer",
)
bad(
    "cut_output",
    "SIG511",
    "info",
    "no_ends",
    "full stops are missing elsewhere too",
    "The lake is very deep. It lies in Siberia, far from any sea\nMost visitors. They come in the weeks of summer",
)
bad(
    "cut_output",
    "SIG511",
    "warning",
    "table",
    "a row is not closed",
    "| lake | m |\n|---|---|\n| Baikal | 1642 |\n| Tanga",
)
bad("cut_output", "SIG511", "warning", "fence", "a code block is not closed", "The depth is:\n```python\ndepth = max(")
bad(
    "cut_output",
    "SIG511",
    "warning",
    "chinese",
    "without blanks between words",
    "贝加尔湖是世界上最深的湖泊。湖水清澈，含有世界五分之一的淡水。夏天有许多游客前来参",
)
good(
    "cut_output",
    "one_token",
    "a label, with the limit set to one token",
    "deep",
    llm_calls=(LlmCall(response={"content": "deep"}, finish_reason="length"),),
)
good("cut_output", "title", "a title without a full stop", "Lake Baikal: the deepest lake of the world")
good("cut_output", "letter", "a letter", "Dear Ann,\nthe lake is 1,642 metres deep.\nKind regards\nBen")
good("cut_output", "list", "a list", "Depths:\n- Baikal 1,642 m\n- Tanganyika 1,470 m\n- Caspian Sea 1,025 m")
good("cut_output", "vitamin", "a letter that stands for itself", "The lake is deep. Its water has hardly any vitamin C")

# blanks written out
BLANK_SHAPE = graph("user:dict mean:any answer:str", node("greet", "user.tier mean", "answer"))


def greeted(text: str, user: dict[str, Any], **more: Any) -> Trace:
    """A run whose step is given a user and says something."""
    return build_trace(ran("greet", {"answer": text}), input={"user": user, **more}, graph=BLANK_SHAPE)


bad(
    "rendered_blank",
    "SIG512",
    "warning",
    "greeting",
    "a greeting without a name",
    "Hello None, your order is on its way.",
)
good("rendered_blank", "greeting_mended", "with the name", "Hello Nora, your order is on its way.")
bad("rendered_blank", "SIG512", "warning", "german_greeting", "the same in German", "Liebe undefined, willkommen!")
bad(
    "rendered_blank", "SIG512", "warning", "amount", "an amount without a number", "Please pay nan EUR within ten days."
)
bad(
    "rendered_blank",
    "SIG512",
    "warning",
    "object",
    "an object of a script",
    "We sent your order to [object Object] today.",
)
bad(
    "rendered_blank",
    "SIG512",
    "warning",
    "coroutine",
    "a call that nobody awaited",
    "The depth is <coroutine object depth at 0x7f4e324517c0>.",
)
for slug, about, text, user, given in (
    ("absent_key", "a key that is not there", "Your None plan was renewed.", {"name": "Ann"}, {}),
    ("null_value", "a value that is null", "You are on undefined now, as you asked.", {"tier": None}, {}),
    (
        "not_a_number",
        "a mean that is none",
        "An average of nan was reached.",
        {"tier": "a"},
        {"mean": mark("float", value="nan")},
    ),
):
    fires("signatures/rendered_blank", slug, about, greeted(text, user, **given), "SIG512 warning greet#1 answer")
silent(
    "signatures/rendered_blank",
    "a_label_s_answer",
    "None as the answer to a label",
    greeted("Allergies: None\nMedication: None", {"tier": None}),
)
silent(
    "signatures/rendered_blank",
    "begins_a_sentence",
    "None as a word",
    greeted("We looked at them all. None of the plans fits.", {"tier": None}),
)
silent(
    "signatures/rendered_blank",
    "nothing_was_blank",
    "the word in a title",
    greeted("And Then There Were None is by Agatha Christie.", {"tier": "a"}, mean=1.5),
)
silent(
    "signatures/rendered_blank",
    "somebody_s_name",
    "a customer of that name",
    greeted("Parcel 12 for None goes to 5 Nil Street.", {"name": "None"}),
)
good("rendered_blank", "about_python", "prose about a program", "In Python, a function without return gives None back.")
good("rendered_blank", "hypothesis", "a term of statistics", "The null hypothesis is rejected at 5 %.")
good("rendered_blank", "code_field", "code", "greet(None)", field="code")
