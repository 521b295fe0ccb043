"""LangGraph graphs: the only place, beside the demo, that knows LangGraph and LangChain.

The public doors are in :mod:`argus.instrumentation.langgraph.attach`. LangGraph itself is imported only when a graph is
attached.
"""
