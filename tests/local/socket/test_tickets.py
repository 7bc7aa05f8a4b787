from __future__ import annotations

from tautwire.local.socket.tickets import TicketOffice, Verdict


def test_a_ticket_is_good_until_burnt() -> None:
    office = TicketOffice()
    ticket = office.issue("one", 0.0)
    assert office.look("one", 1e9) == (Verdict.VALID, ticket)
    assert office.look("one", 1e9) == (Verdict.VALID, ticket)
    office.burn(ticket)
    assert office.look("one", 0.0) == (Verdict.BURNT, ticket)
    assert ticket.shown == 3


def test_an_unknown_ticket() -> None:
    assert TicketOffice().look("none", 0.0) == (Verdict.UNKNOWN, None)


def test_a_ticket_grows_old() -> None:
    office = TicketOffice(lifetime=30.0)
    ticket = office.issue("one", 100.0)
    assert office.look("one", 130.0) == (Verdict.VALID, ticket)
    assert office.look("one", 130.1) == (Verdict.EXPIRED, ticket)


def test_numbers_count_up_and_the_value_stays_hidden() -> None:
    office = TicketOffice()
    tickets = [office.issue(value, 0.0) for value in ("secret-a", "secret-b")]
    assert [ticket.number for ticket in tickets] == [1, 2]
    assert len(office) == 2
    office.burn(tickets[0])
    assert repr(tickets) == "[<ticket #1 burnt>, <ticket #2>]"


def test_of_many_tickets_the_latest_are_known() -> None:
    office = TicketOffice()
    for number in range(12_000):
        office.issue(f"{number}", 0.0)
    assert office.look("0", 0.0) == (Verdict.UNKNOWN, None)
    verdict, last = office.look("11999", 0.0)
    assert (verdict, last and last.number, len(office)) == (Verdict.VALID, 12_000, 12_000)
