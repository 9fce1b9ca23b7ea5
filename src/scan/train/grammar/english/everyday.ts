import { lines } from '../language.ts';

/** Sentences of ordinary English documents. */
export const EVERYDAY =
  lines(`The (train|bus|ferry) to the coast leaves at {time} and (stops|waits) in two villages.
  Sales in the (north|south) rose by {number} per cent (compared with last year|since spring).
  {name} (presented|showed) the (plan|figures) for the (new|second) building.
  The (library|museum|pool) is open (from {time}|on Sundays|until {date}).
  (Most|Some) visitors (liked|praised) the garden, (while|but) a few found it too (small|loud).
  The function returns a list of (names|records), sorted by (date|size).
  In version {version} the (parser|cache|client) became {number} per cent faster.
  The room has (a balcony|two windows|a desk) and looks out on the (river|yard).
  We (met|talked) for an hour and (agreed|decided) on the (budget|colours|next date).
  (Rain|Snow|Fog) is expected in the (valley|hills), with {number} degrees in the afternoon.
  The kettle (boils|heats) water in (two|three) minutes, (yet|though) the lid is (stiff|loose).
  {company} employs {number}0 people in (four|six) countries.
  The (customer|client) reports that the page (stays empty|loads slowly) after the login.
  Connection from {host} (closed|accepted) after {number} ms.
  The committee (elected|thanked) {name}, who (served|worked) for {number} years.
  (This|The) module (reads|writes) (CSV|XML) files and keeps (the order|comments).
  Our (dog|cat) sleeps on the (stairs|sofa) and (dreams|snores) loudly.
  The (bridge|tower) was built in 18{number} and (restored|painted) twice.
  Ticket {ticket} was (opened|moved) on {date} by {name}.
  The (soup|bread) was warm, the (staff|waiter) friendly, the bill (fair|low).
  A (second|further) (survey|study) with {number}00 (people|plants) gave the same result.
  The (battery|filter) lasts (about|almost) {number} (hours|weeks).
  {name} and {name2} (share|rent) a (flat|studio) near the station.
  The (default|maximum) is {number}; larger values (use|take) more memory.
  The (exhibition|concert) on {date} is (sold out|free of charge).
  (Nobody|Everyone) in the (team|class) had (seen|read) the (film|novel) before.
  The warehouse (received|shipped) {number} pallets (in the morning|before noon).
  Memory use (fell|rose) to {number} MB after the (restart|update).
  The (river|lake) is {number} kilometres long and (rich in|known for) fish.
  (The|Its) handle broke after (a month|{number} days), but the shop (replaced|repaired) it.
  The table (lists|shows) (all|the) stations with their (height|distance).
  Lunch is (at {time}|in the garden); there will be (soup|noodles|salad).
  The paper (compares|describes) three (methods|models) and their (cost|error).
  status=200 path=/(health|items|login) duration={number}ms
  In {date} the (village|company) had {number}00 (inhabitants|members).
  The (driver|installer) supports (Linux|Windows) and (macOS|older printers).
  (His|Her) first (album|book) (sold|appeared) in {number}000 copies.
  The (coach|doctor) said the knee (heals|looks) well.
  The (meeting|lesson) (begins|ends) at {time} in room {number}.
  The (paint|glue) dries in {number} minutes and (smells|costs) little.`);
