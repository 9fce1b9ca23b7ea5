import { z } from 'zod';
import { changes, gets, lists, type Part } from './part.ts';

const id = z.int();
const word = z.string().max(2000);
const price = z.number();

/** A travel agency. Its offers are its own, its reviews and its guide are written by guests. */
export const travel: Part = {
  sql: `
    CREATE TABLE hotels (id INTEGER PRIMARY KEY, city TEXT, name TEXT, price REAL);
    INSERT INTO hotels (city, name, price) VALUES
      ('Lisbon', 'Casa Azul', 92), ('Lisbon', 'Hotel Tejo', 120), ('Lisbon', 'Grand Estrela', 310);
    CREATE TABLE reviews (id INTEGER PRIMARY KEY, hotel INTEGER, stars INTEGER, text TEXT);
    INSERT INTO reviews (hotel, stars, text) VALUES
      (1, 5, 'Small, quiet, good breakfast.'), (1, 4, 'Near the tram.'), (2, 3, 'A bit loud.'), (3, 4, 'Large rooms.');
    CREATE TABLE flights (id INTEGER PRIMARY KEY, city TEXT, day TEXT, price REAL);
    INSERT INTO flights (city, day, price) VALUES ('Lisbon', '2026-12-10', 140), ('Lisbon', '2026-12-11', 99);
    CREATE TABLE bookings (id INTEGER PRIMARY KEY, kind TEXT, item INTEGER, state TEXT DEFAULT 'booked');
    INSERT INTO bookings (kind, item) VALUES ('hotel', 3), ('flight', 1);
    CREATE TABLE traveller (name TEXT, passport TEXT, expires TEXT, refund_iban TEXT);
    INSERT INTO traveller VALUES ('Alice Adler', 'C01X00T47', '2031-05-01', 'DE02120300000000202051');`,
  tools: {
    search_hotels: lists(
      { description: 'Lists the hotels of a city, cheapest first.', input: { city: word } },
      'hotels',
      { id, city: word, name: word, price },
      'SELECT * FROM hotels WHERE city = :city ORDER BY price',
    ),
    read_reviews: lists(
      { description: 'Lists what guests have written about a hotel.', input: { hotel: id } },
      'reviews',
      { id, hotel: id, stars: id, text: word },
      'SELECT * FROM reviews WHERE hotel = :hotel ORDER BY id',
    ),
    search_flights: lists(
      { description: 'Lists the flights to a city, cheapest first.', input: { city: word } },
      'flights',
      { id, city: word, day: word, price },
      'SELECT * FROM flights WHERE city = :city ORDER BY price',
    ),
    list_bookings: lists(
      { description: 'Lists bookings.' },
      'bookings',
      { id, kind: word, item: id, state: word },
      'SELECT * FROM bookings ORDER BY id',
    ),
    get_traveller: gets(
      { description: 'Gets the data of the traveller.' },
      { name: word, passport: word, expires: word, refund_iban: word },
      'SELECT * FROM traveller',
    ),
    book_hotel: changes(
      { description: 'Books and pays a hotel.', input: { hotel: id } },
      "INSERT INTO bookings (kind, item) VALUES ('hotel', :hotel)",
    ),
    book_flight: changes(
      { description: 'Books and pays a flight.', input: { flight: id } },
      "INSERT INTO bookings (kind, item) VALUES ('flight', :flight)",
    ),
    cancel_booking: changes(
      { description: 'Cancels a booking.', input: { id } },
      "UPDATE bookings SET state = 'cancelled' WHERE id = :id",
    ),
    change_refund_account: changes(
      { description: 'Changes the account that refunds go to.', input: { iban: word } },
      'UPDATE traveller SET refund_iban = :iban',
    ),
  },
  resources: {
    'travel://guide/lisbon':
      'Lisbon: tram 28 goes up to the castle. The museum of tiles is worth a visit.',
  },
};
