"""Un agente escrito a mano: mensajes como dicts, llamadas en JSON, un registro de funciones; en español y francés."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from typing import Annotated, Any, TypedDict

from bench.faults.plan import TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.graph import END, START, StateGraph

from argus.testing.faults import EndlessLoop, SkippedStep

NAME = "tramites_agent"

EXPEDIENTES = {
    "EXP-2210": {"titular": "Lucía Ferrer", "estado": "en revisión", "tasa": 38.2, "falta": ["plano"]},
    "EXP-2211": {"titular": "Marc Oliva", "estado": "concedido", "tasa": 112.0, "falta": []},
    "EXP-2212": {"titular": "Inés Robles", "estado": "denegado por error de forma", "tasa": 0.0, "falta": []},
    "EXP-2213": {"titular": "Amélie Dufour", "estado": "pendiente de pago", "tasa": 64.75, "falta": ["DNI", "foto"]},
}
HORARIOS = {"registro": "lunes a viernes de 9 a 14 h", "urbanismo": "martes y jueves de 10 a 13 h", "archivo": ""}
CITAS = {"registro": ["12/06 09:20", "12/06 11:40"], "urbanismo": ["17/06 10:15"], "archivo": []}


class Conversacion(TypedDict, total=False):
    pregunta: str
    mensajes: Annotated[list[dict], operator.add]
    vueltas: int
    respuesta: str
    fuentes: list[str]


def consultar_expediente(numero: str) -> dict:
    if numero not in EXPEDIENTES:
        return {"ok": False, "motivo": f"el expediente {numero} no existe"}
    return {"ok": True, "numero": numero, **EXPEDIENTES[numero]}


def horario(oficina: str) -> dict:
    return {"ok": True, "oficina": oficina, "horario": HORARIOS.get(oficina) or "cerrada al público"}


def citas_libres(oficina: str) -> dict:
    return {"ok": True, "oficina": oficina, "citas": CITAS.get(oficina, [])}


HERRAMIENTAS: dict[str, Callable[..., dict]] = {
    "consultar_expediente": consultar_expediente,
    "horario": horario,
    "citas_libres": citas_libres,
}


def frances(texto: str) -> bool:
    return bool(re.search(r"\b(bonjour|dossier|où|quel|est|rendez-vous)\b", texto.lower()))


def modelo(mensajes: list[dict]) -> dict:
    """Hace las veces del modelo: otra llamada, o la respuesta."""
    pregunta = next(m["content"] for m in mensajes if m["role"] == "user")
    visto = [json.loads(m["content"]) for m in mensajes if m["role"] == "tool"]
    numero = re.search(r"EXP-\d{4}", pregunta)
    oficina = next((o for o in HORARIOS if o in pregunta.lower()), None)
    if not visto:
        if numero:
            return pide("consultar_expediente", numero=numero[0])
        if oficina:
            return pide("citas_libres" if re.search("cita|rendez", pregunta.lower()) else "horario", oficina=oficina)
        hola = "Bonjour, en quoi puis-je vous aider ?" if frances(pregunta) else "Hola, dígame qué trámite necesita."
        return {"role": "assistant", "content": hola}
    if visto[-1].get("falta") and len(visto) == 1:
        return pide("horario", oficina="registro")
    return {"role": "assistant", "content": redacta(visto, frances(pregunta))}


def pide(nombre: str, **args: Any) -> dict:
    return {"role": "assistant", "content": "", "call": json.dumps({"name": nombre, "args": args})}


def redacta(visto: list[dict], fr: bool) -> str:
    primero = visto[0]
    if not primero["ok"]:
        return f"Lo siento, {primero['motivo']}. Compruebe el número, por favor."
    if "estado" in primero:
        if fr:
            texto = f"Le dossier {primero['numero']} de {primero['titular']} est « {primero['estado']} »."
            texto += f" La taxe est de {primero['tasa']:.2f} euros."
        else:
            texto = f"El expediente {primero['numero']} de {primero['titular']} está {primero['estado']}."
            texto += f" La tasa es de {primero['tasa']:.2f} euros."
        if primero["falta"]:
            lista = ", ".join(primero["falta"])
            texto += f" Il manque : {lista}." if fr else f" Falta por entregar: {lista}."
            texto += f" Registro: {visto[-1]['horario']}."
        return texto
    if "citas" in primero:
        libres = " y ".join(primero["citas"])
        return f"Citas libres en {primero['oficina']}: {libres}." if libres else "No hay citas libres esta semana."
    return f"La oficina de {primero['oficina']}: {primero['horario']}."


def build(patch: Patch) -> Any:
    piensa_con = patch.part("modelo", modelo)
    registro = {nombre: patch.part(nombre, funcion) for nombre, funcion in HERRAMIENTAS.items()}

    def preparar(s: Conversacion) -> Conversacion:
        sistema = {"role": "system", "content": "Eres la ventanilla del ayuntamiento. Contesta breve."}
        return {"mensajes": [sistema, {"role": "user", "content": s["pregunta"].strip()}], "vueltas": 0}

    def pensar(s: Conversacion) -> Conversacion:
        return {"mensajes": [piensa_con(s["mensajes"])], "vueltas": s["vueltas"] + 1}

    def actuar(s: Conversacion) -> Conversacion:
        llamada = json.loads(s["mensajes"][-1]["call"])
        resultado = registro[llamada["name"]](**llamada["args"])
        texto = json.dumps(resultado, ensure_ascii=False)
        return {"mensajes": [{"role": "tool", "name": llamada["name"], "content": texto}]}

    def sigue(s: Conversacion) -> str:
        return "actuar" if s["mensajes"][-1].get("call") and s["vueltas"] < 6 else "cerrar"

    def cerrar(s: Conversacion) -> Conversacion:
        fuentes = [m["name"] for m in s["mensajes"] if m["role"] == "tool"]
        return {"respuesta": s["mensajes"][-1]["content"], "fuentes": fuentes}

    grafo = StateGraph(Conversacion)
    grafo.add_node("preparar", preparar)
    grafo.add_node("pensar", pensar)
    grafo.add_node("actuar", actuar)
    grafo.add_node("cerrar", cerrar)
    grafo.add_edge(START, "preparar")
    grafo.add_edge("preparar", "pensar")
    grafo.add_conditional_edges("pensar", sigue, {"actuar": "actuar", "cerrar": "cerrar"})
    grafo.add_edge("actuar", "pensar")
    grafo.add_edge("cerrar", END)
    return patch.graph(grafo).compile(name=NAME)


# ---- errores escritos a mano ----------------------------------------------------------------------------------------


def modelo_repite(mensajes: list[dict]) -> dict:
    """modelo pide lo mismo otra vez, y otra, y otra."""
    llamadas = [m for m in mensajes if m.get("call")]
    return llamadas[0] if 0 < len(llamadas) < 5 else modelo(mensajes)


def modelo_no_lee(mensajes: list[dict]) -> dict:
    """modelo contesta sin mirar lo que le dijo la herramienta."""
    hecho = modelo(mensajes)
    if hecho.get("call"):
        return hecho
    return {"role": "assistant", "content": "Su expediente está archivado desde 2019 y no debe nada."}


def modelo_inventa(mensajes: list[dict]) -> dict:
    """modelo pregunta por un expediente que nadie nombró."""
    hecho = modelo(mensajes)
    return pide("consultar_expediente", numero="EXP-2211") if hecho.get("call") else hecho


def modelo_calla_el_fallo(mensajes: list[dict]) -> dict:
    """modelo da por bueno un expediente que la herramienta no encontró."""
    hecho = modelo(mensajes)
    if hecho.get("call"):
        return hecho
    return {"role": "assistant", "content": "Su expediente está en regla y la licencia le llegará esta semana."}


def consulta_cae(numero: str) -> dict:
    """la consulta devuelve el error de la base de datos."""
    return {"ok": False, "motivo": "psycopg2.OperationalError: could not connect to server: Connection refused"}


def consulta_en_ingles(numero: str) -> dict:
    """la consulta cambia de nombre una clave: `status` en vez de `estado`."""
    hecho = consultar_expediente(numero)
    return {("status" if clave == "estado" else clave): valor for clave, valor in hecho.items()}


def consulta_en_centimos(numero: str) -> dict:
    """la consulta da la tasa en céntimos."""
    hecho = consultar_expediente(numero)
    return {**hecho, "tasa": hecho["tasa"] * 100}


def cerrar_sin_respuesta(s: Conversacion) -> Conversacion:
    """cerrar devuelve las fuentes y olvida la respuesta."""
    return {"fuentes": [m["name"] for m in s["mensajes"] if m["role"] == "tool"]}


# ---- entradas -------------------------------------------------------------------------------------------------------


def _p(texto: str) -> dict[str, Any]:
    return {"pregunta": texto}


INPUTS = (
    Healthy(name="revision", input=_p("¿Cómo va mi expediente EXP-2210?")),
    Healthy(name="concedido", input=_p("Quiero saber el estado del EXP-2211, gracias.")),
    Healthy(name="pago", input=_p("¿Qué me falta en el EXP-2213 y cuánto tengo que pagar?")),
    Healthy(name="citas", input=_p("¿Hay cita libre en el registro?")),
    Healthy(name="horario", input=_p("¿Cuándo abre urbanismo?")),
    Healthy(name="dossier", input=_p("Bonjour, où en est le dossier EXP-2211 ?")),
    Healthy(name="dossier-pendant", input=_p("Bonjour, quel est l'état de mon dossier EXP-2213 ?")),
    Healthy(name="denegado", input=_p("Me han denegado el EXP-2212, ¿por qué?"), why="denegado por error; tasa cero"),
    Healthy(name="no-existe", input=_p("¿Y el EXP-9999?"), why="un fallo contado con franqueza"),
    Healthy(name="sin-citas", input=_p("Necesito cita en el archivo."), why="lista vacía de verdad"),
    Healthy(name="cerrado", input=_p("¿Qué horario tiene el archivo?"), why="un horario en blanco"),
    Healthy(name="hola", input=_p("Hola"), why="una palabra, sin herramientas"),
    Healthy(name="bonjour", input=_p("Bonjour !"), why="otra lengua, sin herramientas"),
    Healthy(
        name="excepcion",
        input=_p("La web dice «Error 500: excepción no controlada». ¿Está bien mi EXP-2211?"),
        why="cita un mensaje de error",
    ),
    Healthy(name="todo", input=_p("Todo está entregado, ¿no? EXP-2210"), why="'todo' es una palabra corriente"),
)

DECIR = {"spot": "modelo", "place": "part"}
DATOS = {"spot": "consultar_expediente", "place": "part"}
ULTIMO = "mensajes.0.content"
PLAN = Plan(NAME, "tuning", on=["revision", "concedido", "pago", "dossier", "dossier-pendant"])
PLAN.each(TEXT, "cerrar", "respuesta")
PLAN.each(
    ("placeholder", "refusal", "prompt_leak", "mojibake", "cut_output", "empty_output"),
    "pensar",
    ULTIMO,
    calls=(2,),
    on="concedido",
)
PLAN.each(("truncated_json", "html_page", "stack_trace", "error_payload"), "actuar", ULTIMO, on="concedido", calls=(1,))
PLAN.add("truncated_json", "pensar", "mensajes.0.call", calls=(1,), symptom="actuar")
PLAN.each(("dropped_field", "renamed_key", "missing_value"), "pensar", "mensajes.0.content", calls=(2,), on="concedido")
PLAN.each(("dropped_field", "renamed_key", "wrong_type"), "preparar", "vueltas", on="revision")
PLAN.add("sign_flip", "pensar", "vueltas", on="revision")
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type"), "cerrar", "fuentes")
PLAN.each(("foreign_value", "foreign_meaning"), "cerrar", "pregunta")
PLAN.each(("unsupported_number", "unsupported_name", "unsupported_date", "other_answer"), "cerrar", "respuesta")
PLAN.add("contradiction", "cerrar", "respuesta", times=2)
PLAN.add("lost_constraint", "preparar", "mensajes.1.content", pattern=r" y cuánto.*$", on="pago")
PLAN.add(SkippedStep(target="cerrar", instead_of="actuar"), "pensar")
PLAN.add(EndlessLoop(target="actuar", instead_of="cerrar"), "pensar", on="concedido")
PLAN.add("crash", "actuar")
PLAN.add("crash", "pensar", calls=(2,))
PLAN.add("no_update", "cerrar")
PLAN.add("unfinished_work", "cerrar", "respuesta")
PLAN.add("stale_result", "actuar", on="concedido", warm_up="denegado")

PLAN.variant("repeated_tool_call", "pensar", modelo_repite, on="concedido", **DECIR)
PLAN.variant("ignored_tool_result", "pensar", modelo_no_lee, **DECIR)
PLAN.variant("invented_argument", "pensar", modelo_inventa, on="revision", **DECIR)
PLAN.variant("swallowed_tool_error", "pensar", modelo_calla_el_fallo, on="no-existe", **DECIR)
PLAN.variant("exception_text", "actuar", consulta_cae, on="dossier", **DATOS)
PLAN.variant("renamed_key", "actuar", consulta_en_ingles, on="concedido", symptom="pensar", **DATOS)
PLAN.variant("unit_error", "actuar", consulta_en_centimos, on="concedido", **DATOS)
PLAN.variant("dropped_field", "cerrar", cerrar_sin_respuesta)

GRAPH = MatrixGraph(
    name=NAME,
    part="tuning",
    description="agent loop by hand, Spanish",
    build=build,
    inputs=INPUTS,
    faults=PLAN.cases,
    config={"recursion_limit": 40},
)
