"""`spineviewer pacs …`: image archives on the command line."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from spineviewer.app.archives import (
    delete_study,
    find_node,
    journal_for,
    local_store,
    nodes,
    unusable_archives,
    with_node,
    without_node,
)
from spineviewer.app.settings import load_settings, save_settings, settings_file
from spineviewer.app.terminal import TerminalProgress, say
from spineviewer.archive.client import Archive, receive
from spineviewer.archive.credentials import SECRET_VARIABLE, save_secret
from spineviewer.archive.node import (
    OWN_PORT,
    OWN_TITLE,
    Certificates,
    LoginKind,
    Node,
    Retrieval,
    Transport,
    node_from_address,
    require_port,
    require_title,
)
from spineviewer.archive.query import MAX_STUDIES, FoundStudy, Query, SearchResult, dates_from_text
from spineviewer.archive.receiver_settings import ReceiverSettings
from spineviewer.archive.store import LocalStore
from spineviewer.command_parser import CommandParser
from spineviewer.errors import ArchiveError, Cancelled, UsageError
from spineviewer.wording import in_english

#: Command-line names of the `Retrieval` values.
_RETRIEVALS = {
    "get-or-move": Retrieval.GET_OR_MOVE,
    "get": Retrieval.GET,
    "move": Retrieval.MOVE,
    "dicomweb": Retrieval.WEB,
}
_TRANSPORTS = tuple(str(transport) for transport in Transport)
_NODE_HELP = (
    "a configured archive, dicom://AE-TITLE@HOST:PORT (dicoms:// with TLS) or https://HOST/PATH"
)


def main(argv: Sequence[str]) -> int:
    """Run one of the archive commands.

    Return the exit code: 0, or 8 if the archive rejects a file or does not confirm its storage.
    """
    options = _parser().parse_args(list(argv))
    run: Callable[[argparse.Namespace, TerminalProgress], int] = options.run
    progress = TerminalProgress()
    try:
        return run(options, progress)
    finally:
        progress.end()


# the commands


def _nodes(options: argparse.Namespace, _: TerminalProgress) -> int:
    path = settings_file()
    settings = load_settings(path)
    if options.add:
        settings = with_node(settings, _node_to_add(options))
        save_settings(settings, path)
    if options.remove:
        settings = without_node(settings, options.remove)
        save_settings(settings, path)
    if options.secret:
        node = find_node(options.secret, settings)
        if node.web is None or node.web.login is LoginKind.NONE:
            raise UsageError(f"{node.name} needs no password or token. Use it without one.")
        save_secret(node.name, _read_secret())
    known = nodes(settings)
    for reason in unusable_archives(settings).values():
        print(f"spineviewer: {reason}", file=sys.stderr)
    if options.json:
        print(json.dumps([node.as_fields() for node in known]))
        return 0
    for node in known:
        print(node.name)
        if node.dimse is not None:
            address = node.dimse
            security = ", TLS" if address.is_encrypted else ""
            ours = f"local AE title {address.calling_title}, port {address.own_port}"
            print(
                f"  dicom     {address.called_title} at {address.host_and_port}{security}; {ours}"
            )
        if node.web is not None:
            print(f"  dicomweb  {node.web.url}; login: {node.web.login}")
        print(f"  search: {node.query}, retrieve: {node.retrieval}, send: {node.sending}")
    if not known:
        say("No archive is configured. Add one with: spineviewer pacs nodes --add NAME ADDRESS")
    return 0


def _echo(options: argparse.Namespace, progress: TerminalProgress) -> int:
    node = _node(options)
    seconds = Archive(node).echo(progress)
    progress.end()
    if options.json:
        print(json.dumps({"node": node.name, "seconds": seconds}))
    else:
        print(
            f"{node.name} responds: "
            + ", ".join(f"{name} in {1000 * value:.0f} ms" for name, value in seconds.items())
        )
    return 0


def _find(options: argparse.Namespace, progress: TerminalProgress) -> int:
    first, last = dates_from_text(options.date) if options.date else ("", "")
    query = Query(
        patient_id=options.patient_id,
        patient_name=options.name,
        accession=options.accession,
        first_date=first,
        last_date=last,
        modality=options.modality,
        study_uid=options.study,
    )
    found = Archive(_node(options)).find(query, with_series=not options.studies, progress=progress)
    progress.end()
    if found.is_cut:
        say(f"More than {MAX_STUDIES} studies match; narrow the search.")
    if not found.patients and query.patient_id and "*" not in query.patient_id:
        say(f"For IDs that contain {query.patient_id}: --patient-id '*{query.patient_id}*'")
    if options.json:
        print(json.dumps(found.as_fields(), ensure_ascii=False))
    else:
        _print_result(found)
    return 0


def _get(options: argparse.Namespace, progress: TerminalProgress) -> int:
    folder: Path = options.output
    started = time.perf_counter()
    location = Archive(_node(options)).retrieve(
        options.study, options.series, store=LocalStore(folder), progress=progress
    )
    progress.end()
    count = sum(1 for _ in location.rglob("*.dcm"))
    seconds = time.perf_counter() - started
    if options.json:
        print(json.dumps({"folder": str(location), "images": count, "seconds": round(seconds, 3)}))
    else:
        print(f"{location}: {_images(count)}, {seconds:.1f} s")
    return 0


def _send(options: argparse.Namespace, progress: TerminalProgress) -> int:
    files = _files(options.files)
    archive = Archive(_node(options))
    answers = archive.send(files, progress)
    accepted = [answer.file for answer in answers if answer.is_accepted]
    confirmations = (
        archive.confirm(accepted, progress=progress) if options.confirm and accepted else ()
    )
    progress.end()
    unconfirmed = {answer.file: answer.reason for answer in confirmations if not answer.is_accepted}
    if options.json:
        rows = [
            {"file": str(answer.file), "accepted": answer.is_accepted, "reason": str(answer.reason)}
            for answer in answers
        ]
        for row, answer in zip(rows, answers, strict=True):
            if options.confirm:
                row["confirmed"] = answer.is_accepted and answer.file not in unconfirmed
        print(json.dumps(rows, ensure_ascii=False))
    else:
        for answer in answers:
            state = "accepted" if answer.is_accepted else f"rejected: {answer.reason}"
            if answer.file in unconfirmed:
                state = f"accepted, but storage was not confirmed: {unconfirmed[answer.file]}"
            elif options.confirm and answer.is_accepted:
                state = "accepted, and the archive confirms storage"
            print(f"{answer.file}: {state}")
    return 0 if len(accepted) == len(answers) and not unconfirmed else ArchiveError.exit_code


def _receive(options: argparse.Namespace, progress: TerminalProgress) -> int:
    settings = ReceiverSettings(
        title=require_title(options.aet),
        port=require_port(options.port),
        host=options.host,
        titles=tuple(options.from_aet),
        addresses=tuple(options.from_address),
        max_object_bytes=options.max_object_mb * 1_000_000,
        max_study_bytes=options.max_study_mb * 1_000_000,
        settle_s=options.settle_s,
        is_encrypted=bool(options.certificate),
        certificates=_certificates(options),
    )
    location = f"on port {settings.port}. Only this computer can connect"
    if settings.host != "127.0.0.1":
        location = f"at {settings.host}, port {settings.port}"

    def on_ready() -> None:
        progress.note(
            f"The receiver is listening as {settings.title} {location}. Press Ctrl+C to stop."
        )

    try:
        for study in receive(settings, LocalStore(options.output), progress, on_ready=on_ready):
            progress.end()
            if options.json:
                print(json.dumps({**asdict(study), "folder": str(study.folder)}))
            else:
                print(f"{study.folder}: {_images(study.count)}")
            sys.stdout.flush()
            if options.once:
                return 0
    except (KeyboardInterrupt, Cancelled):
        progress.note("The receiver stopped. Incomplete studies are kept for the next start.")
    return 0


def _store(options: argparse.Namespace, progress: TerminalProgress) -> int:
    path = settings_file()
    settings = load_settings(path)
    if options.keep_days is not None or options.max_mb is not None:
        settings = replace(
            settings,
            store_days=settings.store_days if options.keep_days is None else options.keep_days,
            store_megabytes=settings.store_megabytes if options.max_mb is None else options.max_mb,
        )
        save_settings(settings, path)
    store = local_store(settings)
    known = {study.uid for study in store.studies()}
    for uid in known if options.delete_all else options.delete:
        if uid not in known:
            raise UsageError(
                f"The local store does not contain the study {uid}. List its studies with: "
                "spineviewer pacs store"
            )
        settings = delete_study(uid, settings, journal_for(path), progress)
        save_settings(settings, path)
    progress.end()
    studies = store.studies()
    if options.json:
        rows: list[Mapping[str, Any]] = [
            {
                "study": s.uid,
                "folder": str(s.folder),
                "bytes": s.size_bytes,
                "series": list(s.series_uids),
            }
            for s in studies
        ]
        print(json.dumps({"folder": str(store.folder), "studies": rows}))
        return 0
    for study in studies:
        arrived = time.strftime("%Y-%m-%d", time.localtime(study.arrived_s))
        print(
            f"{study.uid}  {len(study.series_uids)} series, {study.size_bytes / 1e6:.1f} MB, "
            f"arrived {arrived}"
        )
    used_mb = sum(study.size_bytes for study in studies) / 1e6
    most = f"at most {settings.store_megabytes} MB" if settings.store_megabytes else "no limit"
    days = in_english("for %n day(s)", settings.store_days, {})
    days = days if settings.store_days else "until deleted"
    count = in_english("%n stud(y|ies)", len(studies), {})
    print(f"{store.folder}: {count}, {used_mb:.1f} MB ({most}), kept {days}")
    return 0


# shared arguments


def _node(options: argparse.Namespace) -> Node:
    """Return the archive that NODE names; command-line options override its configuration."""
    if "://" in options.node:
        node = node_from_address(
            options.node, uses_token=options.bearer, **_connection_options(options)
        )
    else:
        node = find_node(options.node, load_settings(settings_file()))
        if node.dimse is not None:
            node = replace(node, dimse=replace(node.dimse, **_connection_options(options)))
    if node.web is not None and (certificates := _web_certificates(options)) is not None:
        node = replace(node, web=replace(node.web, certificates=certificates))
    return node if options.timeout is None else replace(node, silence_s=options.timeout)


def _connection_options(options: argparse.Namespace) -> dict[str, Any]:
    """Return the connection options that the user specified, as fields of an address."""
    chosen: dict[str, Any] = {}
    if options.calling is not None:
        chosen["calling_title"] = options.calling
    if options.own_port is not None:
        chosen["own_port"] = require_port(options.own_port)
    if any(_certificate_paths(options)):
        chosen["certificates"] = _certificates(options)
    return chosen


def _web_certificates(options: argparse.Namespace) -> Certificates | None:
    """Return the certificates for a DICOMweb address; None if the user specified none.

    Options for this address take precedence over options for both addresses.
    """
    paths = (options.web_trust, None, None, options.web_certificate, options.web_key)
    if any(paths):
        return _absolute_certificates(paths)
    common: Certificates | None = _connection_options(options).get("certificates")
    return None if common is None else common.as_client()


def _node_to_add(options: argparse.Namespace) -> Node:
    """Return the archive that `nodes --add` describes, with one address or two."""
    name, *addresses = options.add
    nodes_to_add = [
        node_from_address(
            address, name=name, uses_token=options.bearer, **_connection_options(options)
        )
        for address in addresses
    ]
    dimse = next((node.dimse for node in nodes_to_add if node.dimse is not None), None)
    web = next((node.web for node in nodes_to_add if node.web is not None), None)
    if web is not None and (certificates := _web_certificates(options)) is not None:
        web = replace(web, certificates=certificates)
    first = nodes_to_add[0] if nodes_to_add else None
    if (
        first is None
        or len(nodes_to_add) > 2
        or (len(nodes_to_add) == 2 and (dimse is None or web is None))
    ):
        raise UsageError(
            "Too many addresses, or none. Specify a DICOM address, a DICOMweb address, or one of "
            "each."
        )
    return Node(
        name,
        dimse=dimse,
        web=web,
        query=Transport(options.search) if options.search else first.query,
        retrieval=_RETRIEVALS[options.retrieve] if options.retrieve else first.retrieval,
        sending=Transport(options.send) if options.send else first.sending,
        **({} if options.timeout is None else {"silence_s": options.timeout}),
    )


def _certificates(options: argparse.Namespace) -> Certificates:
    return _absolute_certificates(_certificate_paths(options))


def _certificate_paths(options: argparse.Namespace) -> tuple[Path | None, ...]:
    return (
        options.trust,
        options.certificate,
        options.key,
        getattr(options, "client_certificate", None),  # a receiver needs none
        getattr(options, "client_key", None),
    )


def _absolute_certificates(paths: Sequence[Path | None]) -> Certificates:
    return Certificates(*(str(path.absolute()) if path else "" for path in paths))


def _read_secret() -> str:
    """Read a password from the terminal without showing it, or one line from stdin.

    It is never a command-line argument, because other users of the computer could see it.
    """
    secret = (
        getpass.getpass("Password or token: ")
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\n")
    )
    if not secret:
        raise UsageError("No password or token was entered. Run the command again.")
    return secret


def _files(paths: Sequence[Path]) -> list[Path]:
    """Return files, and all files in folders and their subfolders."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted(
                inner
                for inner in path.rglob("*")
                if inner.is_file() and not inner.name.startswith(".")
            )
        elif path.is_file():
            files.append(path)
        else:
            raise UsageError(f"{path} does not exist. Check the path.")
    if not files:
        raise UsageError(
            "There is no file to send. Specify DICOM files, or a folder that contains some."
        )
    return files


def _print_result(found: SearchResult) -> None:
    for patient in found.patients:
        born = f", born {patient.birth_date}" if patient.birth_date else ""
        print(f"{patient.name or 'no name'} ({patient.patient_id or 'no id'}{born})")
        for study in patient.studies:
            _print_study(study)
    patients = in_english("%n patient(s)", len(found.patients), {})
    print(patients + in_english(", %n stud(y|ies)", found.study_count, {}))


def _images(count: int) -> str:
    return in_english("%n image(s)", count, {})


def _print_study(study: FoundStudy) -> None:
    counts = ", ".join(
        in_english(text, count, {})
        for text, count in (("%n series", study.series_count), ("%n image(s)", study.image_count))
        if count is not None
    )
    parts = [study.date or "no date", study.description, "/".join(study.modalities), counts]
    accession = f"  accession {study.accession}" if study.accession else ""
    print(f"  {'  '.join(part for part in parts if part)}{accession}")
    print(f"    study {study.uid}")
    for series in study.series:
        count = f"{_images(series.image_count)}  " if series.image_count is not None else ""
        number = "" if series.number is None else f"{series.number}  "
        print(
            f"      {number}{series.modality}  {series.description or 'no description'}  "
            f"{count}{series.uid}"
        )


# arguments


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="spineviewer pacs",
        description="Search an image archive (PACS); retrieve, send and receive studies. "
        "Passwords and tokens are stored in the system's credential store, never in a file. "
        f"Without a credential store, set the environment variable {SECRET_VARIABLE}.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    for name, run, add_options, text in (
        ("nodes", _nodes, _add_nodes, "list, add, change or remove archives"),
        ("echo", _echo, _add_node, "test the connection to an archive"),
        ("find", _find, _add_find, "search for studies"),
        ("get", _get, _add_get, "retrieve a study or series"),
        ("send", _send, _add_send, "send files, and list which were accepted"),
        (
            "receive",
            _receive,
            _add_receive,
            "receive studies from other computers until you press Ctrl+C",
        ),
        (
            "store",
            _store,
            _add_store,
            "list or delete the studies in the local store",
        ),
    ):
        command = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        command.set_defaults(run=run)
        command.add_flag("--json", "print JSON to stdout")
        add_options(command)
    return parser


def _add_nodes(parser: CommandParser) -> None:
    parser.add_argument(
        "--add",
        nargs="+",
        metavar=("NAME", "ADDRESS"),
        help="add or replace an archive: one address, or a DICOM and a DICOMweb address",
    )
    parser.add_argument("--remove", metavar="NAME", help="remove an archive and its password")
    parser.add_argument(
        "--secret",
        metavar="NAME",
        help="store the password or token of an archive; you are prompted for it, or it is read "
        "from stdin",
    )
    parser.add_argument("--search", choices=_TRANSPORTS, help="protocol for searching")
    parser.add_argument("--retrieve", choices=tuple(_RETRIEVALS), help="how images are retrieved")
    parser.add_argument("--send", choices=_TRANSPORTS, help="protocol for sending")
    _add_connection(parser)


def _add_node(parser: CommandParser) -> None:
    parser.add_argument("node", metavar="NODE", help=_NODE_HELP)
    _add_connection(parser)


def _add_find(parser: CommandParser) -> None:
    _add_node(parser)
    parser.add_text("--patient-id", "ID", "complete patient ID; * matches anything")
    parser.add_text("--name", "NAME", "beginning of the patient's name; * matches anything")
    parser.add_text("--accession", "NUMBER", "complete accession number; * matches anything")
    parser.add_text(
        "--date", "DATE", "2024-03-01, 2024-03-01..2024-03-31, 2024-03-01.., ..2024-03-31"
    )
    parser.add_text("--modality", "M", "for example CT")
    parser.add_text("--study", "UID", "only this study")
    parser.add_flag("--studies", "list studies only, without their series")


def _add_get(parser: CommandParser) -> None:
    _add_node(parser)
    parser.add_argument("--study", required=True, metavar="UID", help="study to retrieve")
    parser.add_text("--series", "UID", "only this series")
    parser.add_output(
        "FOLDER",
        "folder for STUDY/SERIES/*.dcm; if you run the command again, only missing images are "
        "retrieved",
    )


def _add_send(parser: CommandParser) -> None:
    _add_node(parser)
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="DICOM files or folders"
    )
    parser.add_flag("--confirm", "ask the archive to confirm storage (storage commitment)")


def _add_receive(parser: CommandParser) -> None:
    parser.add_argument("--port", type=int, required=True, metavar="N", help="port to listen on")
    parser.add_argument("--aet", required=True, metavar="AET", help="local AE title")
    parser.add_output("FOLDER", "folder for STUDY/SERIES/*.dcm, complete studies only")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="address to listen on (default: this computer only; 0.0.0.0 for all)",
    )
    parser.add_list("--from-aet", "AET", "AE title that may send (default: any); can be repeated")
    parser.add_list("--from-address", "IP", "address that may send (default: any); can be repeated")
    parser.add_argument(
        "--max-object-mb",
        type=int,
        default=2000,
        metavar="MB",
        help="reject larger objects",
    )
    parser.add_argument(
        "--max-study-mb",
        type=int,
        default=20_000,
        metavar="MB",
        help="reject larger studies",
    )
    parser.add_argument(
        "--settle-s",
        type=float,
        default=5.0,
        metavar="S",
        help="a study is complete when nothing more has arrived for this many seconds (default: 5)",
    )
    parser.add_flag("--once", "stop after one study")
    _add_certificates(parser)


def _add_store(parser: CommandParser) -> None:
    parser.add_list("--delete", "UID", "delete a study, its thumbnails and your saved work on it")
    parser.add_flag("--delete-all", "delete all studies, as with --delete")
    parser.add_count("--keep-days", "delete studies after this many days; 0 for never")
    parser.add_argument(
        "--max-mb",
        type=int,
        metavar="MB",
        help="delete the oldest studies when the store exceeds this size; 0 for no limit",
    )


def _add_connection(parser: CommandParser) -> None:
    parser.add_argument(
        "--calling", metavar="AET", help=f"local AE title (default: as configured, or {OWN_TITLE})"
    )
    parser.add_count(
        "--own-port", f"port to which C-MOVE sends images (default: as configured, or {OWN_PORT})"
    )
    parser.add_flag("--bearer", "use a token instead of a password for DICOMweb")
    parser.add_argument(
        "--timeout",
        type=float,
        metavar="S",
        help="give up when an archive has not responded for this many seconds (default: 30)",
    )
    _add_certificates(parser)
    parser.add_file(
        "--client-certificate",
        "certificate for connections to the archive, instead of --certificate",
        metavar="PEM",
    )
    parser.add_file("--client-key", "private key of the client certificate", metavar="PEM")
    parser.add_file("--web-trust", "like --trust, but only for the DICOMweb address", metavar="PEM")
    parser.add_file(
        "--web-certificate", "client certificate, only for the DICOMweb address", metavar="PEM"
    )
    parser.add_file("--web-key", "private key of --web-certificate", metavar="PEM")


def _add_certificates(parser: CommandParser) -> None:
    parser.add_file("--trust", "certificates to trust instead of the system's", metavar="PEM")
    parser.add_file("--certificate", "your certificate for TLS", metavar="PEM")
    parser.add_file("--key", "private key of your certificate", metavar="PEM")
