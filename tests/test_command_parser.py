"""The argument parser of all commands."""

from spineviewer.command_parser import CommandParser


def help_of(*names, **options):
    parser = CommandParser(prog="test")
    parser.add_argument(*names, **options)
    return " ".join(parser.format_help().split())


def test_help_states_a_default_value():
    assert "kind of scan (default: plain)" in help_of(
        "--kind", default="plain", help="kind of scan"
    )
    assert "levels up (default: 0)" in help_of("--shift", default=0, help="levels up")
    assert "values (default: 1.0 2.0)" in help_of("--sigmas", default=(1.0, 2.0), help="values")


def test_help_does_not_mention_a_default_twice_or_if_there_is_none():
    assert (
        help_of("--out", default="out/x", help="folder (default: next to it)").count("default") == 1
    )
    for default in (None, "", [], False):
        assert "default" not in help_of("--name", default=default, help="name")
