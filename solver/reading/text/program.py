"""Find the network in a program: a model, tensors, its main class, or its layers in order."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from solver.errors import LimitError, SolverError
from solver.network.graph.operation import Unknown
from solver.network.graph.shaping import Flatten
from solver.network.network import Network
from solver.reading.functions.call import Wire
from solver.reading.text.applying import FORWARD, fed
from solver.reading.text.building import Build, Decided
from solver.reading.text.inputs import mentions
from solver.reading.text.inside import name_modules, outputs_in, parts_of, wires_in
from solver.reading.text.leaving import NotTold, Raised, ToldWrong
from solver.reading.text.script import WholeScript, runs
from solver.reading.text.source import Source
from solver.reading.text.statements import modules_in
from solver.reading.text.values import (
    Dotted,
    Function,
    Instance,
    Leaf,
    Method,
    Missing,
    Model,
    ModuleChain,
    Names,
    Opaque,
    Partial,
    UserClass,
    is_list,
)

#: What says that tensors which a text makes are data, and none is an input.
DATA = "data"

#: Libraries of models.
_LIBRARIES = ("torchvision.models", "timm", "segmentation_models_pytorch", "timm.models")

#: Tensors that come out, each with its name; "" where it has none.
Outputs = list[tuple[str, Wire]]


class ProgramReader(WholeScript):
    """Read a whole program.

    model: the name of what is read of it, where it is told. given: arguments of it, by their names.
    """

    def __init__(
        self,
        source: Source,
        build: Build,
        last: bool,
        flax: bool,
        model: str,
        given: Mapping[str, Any],
    ) -> None:
        super().__init__(source, build, last, flax)
        self._wish, self._given, self._known = model, given, set[str]()

    def read(self, tree: ast.Module) -> Network:
        """The network that a program describes."""
        names, self.program = self.scopes[0], tree
        self.examples = DATA not in self.build.channels
        self.summarised()
        body = tree.body
        methods = [part for part in body if isinstance(part, ast.FunctionDef)]
        if any(part.name in FORWARD and _own(part) for part in methods):
            names["Network"] = self.user_class("Network", [Dotted("Module")], body, body[0])
        else:
            for part in body:
                self.top(part)
        outputs = self._outputs(tree)
        if unknown := [name for name in self._given if name not in self._known]:
            rule = "the model has no argument of this name"
            raise ToldWrong(rule, unknown[0], ", ".join(sorted(self._known)) or None)
        return self.build.network(outputs)

    def _outputs(self, tree: ast.Module) -> Outputs:
        name_modules(self.scopes[0].get("self"))
        if self._wish:
            return self._of_name(self._wish, tree.body[-1])
        if isinstance(self.found, Model):
            return [("", wire) for wire in self.found.outputs] or self._last()
        if self.modules and self.build.ran and not self.applied and self.examples:
            raise Decided(DATA, 1)  # the tensors of the text go through none of its modules
        if self.found is not None and len(self.build.nodes) > self.build.inputs:
            return outputs_in(self.found)
        if self.build.ran:  # and what it gave is only printed
            return self._last()
        modules = self._one_of(self._main_modules())
        end = tree.body[-1] if tree.body else tree
        if len(modules) == 1 and isinstance(modules[0], Instance):
            return self._run(modules[0], end)
        if modules:
            return self._in_order(modules, end)
        return self._by_class(tree, end)

    def _of_name(self, name: str, end: ast.AST) -> Outputs:
        """What a class, a function or a module of the text gives."""
        names = self.scopes[0]
        value = names.get(name)
        if isinstance(value, UserClass):
            value = self._made(Partial(value, (), {}), end)
        elif isinstance(value, Partial):
            value = self._made(value, end)
        elif isinstance(value, Function):
            value = self._called(value)
        modules = modules_in(value)
        if modules:
            return self._run(modules[0], end)
        if isinstance(value, Model):
            return [("", wire) for wire in value.outputs]
        if wires_in(value):
            return outputs_in(value)
        kinds = (UserClass, Function, Partial, Model)
        known = [word for word, x in names.items() if isinstance(x, kinds) or modules_in(x)]
        rule = "a model is a class, a function or a module of the text"
        raise SolverError(rule, name, ", ".join(known) or None)

    def option(self, name: str, default: Any) -> Any:
        self._known.add(name)
        return self._given.get(name, default)

    def _last(self) -> Outputs:
        return [("", Wire(len(self.build.nodes) - 1))]

    def _main_modules(self) -> list[Any]:
        """The modules that are no part of others; a module of a class stands alone."""
        inner = _parts([*self.modules.values()])
        outer = [module for module in self.modules.values() if id(module) not in inner]
        whole = [each for each in outer if isinstance(each, Instance) and each.of.name != "self"]
        return whole[-1:] or outer

    def _one_of(self, modules: list[Any]) -> list[Any]:
        """The last of modules that are trained apart, else all: they stand in a row."""
        text = "\n".join(self.source.lines[: self.source.own])
        names = [self._name_of(module) for module in modules]
        trained = (f"{name}.parameters(" in text for name in names)
        if len(modules) < 2 or not (all(names) and all(trained)):
            return modules
        self.build.note(f"models here: {', '.join(names)}; {names[-1]} is read, --model tells")
        return modules[-1:]

    def _by_class(self, tree: ast.Module, end: ast.AST) -> Outputs:
        """Make the module of the class that no other uses, or run the last function."""
        names = self.scopes[0]
        classes = [value for value in names.values() if isinstance(value, UserClass)]
        classes = [each for each in classes if each.line <= self.source.own] or classes
        inner = mentions(ast.Module([p for p in tree.body if isinstance(p, ast.ClassDef)], []))
        main = [each for each in classes if each.name not in inner] or classes
        main = [each for each in main if runs(each)] or [each for each in classes if runs(each)]
        if main:
            if len(main) > 1:
                listed = ", ".join(each.name for each in main)
                self.build.note(f"models here: {listed}; {main[-1].name} is read, --model tells")
            lacking = None if self._given else self._by_function(main[-1])
            made = lacking or self._made(Partial(main[-1], (), {}), end)
            return self._run(made, end)
        functions = [value for value in names.values() if isinstance(value, Function)]
        used = mentions(tree) if functions else ()
        main_functions = [each for each in functions if each.name not in used] or functions
        if main_functions:
            function = main_functions[-1]
            value = self._called(function)
            if not classes or isinstance(value, Model) or modules_in(value):
                self.keep(value)
            if self.found is not None or self.modules:
                return self._outputs(ast.Module([], []))
        if self.fault is not None:
            raise self._elsewhere() or self.fault
        if classes:
            rule, right = f"{classes[-1].name} has no forward", "paste the whole class"
            raise self.source.fault(classes[-1].line, rule, right=right)
        if self.lacking is not None:
            rule, right = self.lacking
            raise LimitError(rule, right=right)
        rule = "there is no network in this text"
        right = "lines such as nn.Conv2d(3, 64, 7), a class, or what print(model) shows"
        raise self.source.fault(1, rule, right=right)

    def _elsewhere(self) -> SolverError | None:
        """What to say of a text whose models are those of a library, made where it is run."""
        library = next((each for each in _imported(self.program) if each in _LIBRARIES), None)
        if library is None:
            return None
        rule = f"there is no model in this text but those of {library}, chosen when it is run"
        return SolverError(rule, right=f'--live "{library}:NAME()", which executes its code')

    def _called(self, function: Function) -> Any:
        """What a function gives: of what it is told, or of tensors, where it makes none itself."""
        key = f"tensors_{function.name}"
        args = [*self._wanted(function, 0).values()]
        if key in self.build.channels:
            names = [each.name for each in args if isinstance(each, Missing)]
            args = [self.build.input(x.name, 1) if isinstance(x, Missing) else x for x in args]
            self.build.note(f"{function.name} is read as a function of tensors: {', '.join(names)}")
        try:
            value = self.invoke(function, args, self._named(function, 0), function.node)
        except NotTold:
            if key in self.build.channels or self.build.inputs:
                raise
            raise Decided(key, 1) from None
        lacking = any(isinstance(each, Missing) for each in args) and not self.build.inputs
        if lacking and not isinstance(value, Model) and not modules_in(value):
            raise Decided(key, 1)
        return value

    def _by_function(self, of: UserClass) -> Any:
        """What the first function of the text makes of a class that needs arguments."""
        found = of.find("__init__")
        if not found or not self._wanted(found[0], 1):
            return None
        examples = self.examples
        for function in list(self.scopes[0].values()):
            if not isinstance(function, Function) or self._wanted(function, 0):
                continue
            before, self.examples = len(self.instances), False
            try:
                self.invoke(function, [], {}, function.node)
            except LimitError:
                raise
            except (Raised, SolverError):  # what it does with the module is not followed
                pass
            finally:
                self.examples = examples
            for made in self.instances[before:]:
                if made.of is of:
                    line, _ = self.source.at(function.node)
                    self.build.note(f"{of.name} is made as {function.name} makes it", line)
                    return made
        return None

    def _made(self, call: Partial, end: ast.AST) -> Any:
        """What a call gives of which arguments lack: they are as they are told, else stand-ins."""
        of, skip, owner, fields = call.function, len(call.args), "", list[str]()
        if isinstance(of, UserClass):
            found = of.find("__init__")
            owner, of, skip = of.name, found and found[0], skip + 1
            fields = [] if found else call.function.fields  # a class of settings has fields
        self._known.update(fields)
        told = {name: self._given[name] for name in fields if name in self._given}
        wanted = self._wanted(of, skip, owner)
        told |= {name: value for name, value in wanted.items() if name not in call.keywords}
        return self.run(call, [], told | self._named(of, skip), end)

    def _wanted(self, function: Any, skip: int, owner: str = "") -> Names:
        """The arguments that have no defaults: as they are told, else stand-ins."""
        if not isinstance(function, Function):
            return {}
        needed, _ = _arguments(function, skip)
        self._known.update(needed)
        owner = owner or function.name
        return {name: self._given.get(name, Missing(name, owner)) for name in needed}

    def _named(self, function: Any, skip: int) -> dict[str, Any]:
        """The arguments with defaults that are told."""
        if not isinstance(function, Function):
            return {}
        _, names = _arguments(function, skip)
        if function.node.args.kwarg is not None:  # which takes any other
            names += [name for name in self._given if name not in {*names, *self._known}]
        self._known.update(names)
        alone = {arg.arg for arg in function.node.args.kwonlyargs} - function.defaults.keys()
        stands = {name: Missing(name, function.name) for name in names if name in alone}
        return stands | {name: self._given[name] for name in names if name in self._given}

    def _run(self, module: Any, end: ast.AST) -> Outputs:
        """What a module makes of an input for each argument of its forward."""
        name_modules(module)
        given, keywords = Names(input=None), Names()
        if isinstance(module, Instance):
            words = ("__call__",) if self.flax else FORWARD
            found = next((f for word in words if (f := module.of.find(word))), None)
            if found is not None and isinstance(found[0], Function):
                given, keywords = fed(found[0])
        for name, value in (given | keywords).items():
            if isinstance(value, bool):
                self.build.note(f"{name} is taken as {value}, as in eval mode")
        if [*given.values()].count(None) == 1:
            given = {"input" if value is None else name: value for name, value in given.items()}
        args = [self.build.input(x, 1) if y is None else y for x, y in given.items()]
        value = self.apply(module, args, keywords, end)
        outputs = outputs_in(self._tensors(value, wires_in(args), end))
        if not outputs:
            line = module.of.line if isinstance(module, Instance) else 1
            rule = "no tensor comes out here, as far as it is understood"
            raise self.source.fault(line, rule, right="paste forward with straight lines")
        return outputs

    def _tensors(self, value: Any, inputs: list[Wire], end: ast.AST) -> Any:
        """What comes out; a tensor that is not known is one of them, behind the inputs."""
        if any(isinstance(each, (Opaque, Method)) for each in parts_of(value)):
            if is_list(value):
                return [self._tensors(each, inputs, end) for each in value]
            if isinstance(value, dict):
                return {key: self._tensors(each, inputs, end) for key, each in value.items()}
            if isinstance(value, Opaque) and value.shape:
                return self.constant(value, end)
            if not wires_in(value):
                text = value.text if isinstance(value, Opaque) else value.name
                line, _ = self.source.at(end)
                return self.build.add(Unknown(text[:80]), inputs, "not_followed", line)
        return value

    def _in_order(self, modules: list[Any], end: ast.AST) -> Outputs:
        """Put layers behind each other in the order they are written."""
        flat: list[Any] = []
        for place, module in enumerate(modules):
            if isinstance(module, Instance) and module.of.name == "self":
                flat += [each for value in module.names.values() for each in modules_in(value)]
            elif len(modules) > 1:
                name_modules(module, self._name_of(module) or str(place))
                flat.append(module)
            else:
                name_modules(module)
                flat.append(module)
        alone = len(flat) == 1
        value: Any = None
        if not (
            isinstance(flat[0], ModuleChain) and any(isinstance(m, Wire) for m in flat[0].modules)
        ):
            value = self.build.input("input", 1)
        if not alone:
            self.build.note("the layers are taken in the order in which they are written")
        for module in flat:
            if isinstance(module, Leaf) and not alone and isinstance(value, Wire):
                value = self._flat(module, value)
            if isinstance(module, ModuleChain) and not module.sequential:
                module.sequential = True
            value = self.run(module, [] if value is None else [value], {}, end)
        outputs = outputs_in(value)
        if not outputs:
            raise self.source.fault(1, "no tensor comes out of these lines")
        return outputs

    def _flat(self, leaf: Leaf, wire: Wire) -> Wire:
        """Flatten in front of a linear layer: lines of layers alone do not show it."""
        shape = self.build.shape(wire)
        made = leaf.made
        if made is None or not made.linear or shape is None or len(shape) <= 2 or self.last:
            return wire
        if made.features == shape[-1].number:
            return wire
        self.build.note("a flatten is put in front of the linear layer", leaf.line)
        return self.build.add(Flatten(), [wire], f"{leaf.path or 'linear'}.flatten", leaf.line)

    def _name_of(self, module: Any) -> str:
        return next((name for name, value in self.scopes[0].items() if value is module), "")


def _arguments(function: Function, skip: int) -> tuple[list[str], list[str]]:
    """The names of the arguments without a default, and of those with one."""
    given = function.node.args
    names = [arg.arg for arg in (*given.posonlyargs, *given.args)][skip:]
    needed = max(len(names) - len(given.defaults), 0)
    return names[:needed], [*names[needed:], *(arg.arg for arg in given.kwonlyargs)]


def _imported(tree: ast.Module) -> Iterator[str]:
    """The names of the modules that a text imports, and of what it imports from them."""
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            of = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            yield from (f"{of}{each.name}" for each in node.names)


def _own(node: ast.FunctionDef) -> bool:
    return bool(node.args.args) and node.args.args[0].arg == "self"


def _parts(modules: list[Any]) -> set[int]:
    """The identities of all modules inside modules."""
    found: set[int] = set()
    stack = [*modules]
    while stack:
        each = stack.pop()
        inner: list[Any] = []
        if isinstance(each, ModuleChain):
            inner = each.modules
        elif isinstance(each, Instance):
            inner = [*each.names.values(), *(each.chain.modules if each.chain else ())]
        for part in modules_in(inner):
            if id(part) not in found:
                found.add(id(part))
                stack.append(part)
    return found
