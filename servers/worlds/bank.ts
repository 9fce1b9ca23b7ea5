import { z } from 'zod';
import { changes, gets, lists, type Part } from './part.ts';

const id = z.int();
const word = z.string().max(2000);
const amount = z.number();

/** An account with a bank. What others write when they pay is in its transactions. */
export const bank: Part = {
  sql: `
    CREATE TABLE account (balance REAL, phone TEXT, street TEXT);
    INSERT INTO account VALUES (1840.55, '+49 30 1234', 'Lindenweg 4');
    CREATE TABLE transactions (id INTEGER PRIMARY KEY, month TEXT, party TEXT, amount REAL, subject TEXT);
    INSERT INTO transactions (month, party, amount, subject) VALUES
      ('2026-10', 'Stadtwerke', -84.2, 'electricity October'),
      ('2026-10', 'Corner Bakery', -12.4, 'rolls'),
      ('2026-10', 'Bella Napoli', -46, 'dinner'),
      ('2026-10', 'Ben Weber', 23, 'half of the dinner'),
      ('2026-10', 'Acme GmbH', 2600, 'salary October'),
      ('2026-09', 'Stadtwerke', -79.9, 'electricity September');
    CREATE TABLE payees (id INTEGER PRIMARY KEY, name TEXT, iban TEXT);
    INSERT INTO payees (name, iban) VALUES
      ('Landlord Krause', 'DE02120300000000202051'), ('Stadtwerke', 'DE02500105170137075030'), ('Ben Weber', 'DE02100500000054540402');
    CREATE TABLE payments (id INTEGER PRIMARY KEY, iban TEXT, amount REAL, subject TEXT);
    CREATE TABLE standing_orders (id INTEGER PRIMARY KEY, iban TEXT, amount REAL, subject TEXT);
    INSERT INTO standing_orders (iban, amount, subject) VALUES
      ('DE02120300000000202051', 950, 'rent'), ('DE88100900001234567892', 35, 'gym');`,
  tools: {
    get_balance: gets(
      { description: 'Gets the balance of the account and how its owner is reached.' },
      { balance: amount, phone: word, street: word },
      'SELECT balance, phone, street FROM account',
    ),
    list_transactions: lists(
      { description: 'Lists the transactions of a month such as 2026-10.', input: { month: word } },
      'transactions',
      { id, month: word, party: word, amount, subject: word },
      'SELECT * FROM transactions WHERE month = :month ORDER BY id',
    ),
    list_payees: lists(
      { description: 'Lists the people and firms that the owner pays.' },
      'payees',
      { id, name: word, iban: word },
      'SELECT * FROM payees ORDER BY id',
    ),
    list_standing_orders: lists(
      { description: 'Lists standing orders.' },
      'orders',
      { id, iban: word, amount, subject: word },
      'SELECT * FROM standing_orders ORDER BY id',
    ),
    pay: changes(
      { description: 'Pays an amount in euros.', input: { iban: word, amount, subject: word } },
      'INSERT INTO payments (iban, amount, subject) VALUES (:iban, :amount, :subject)',
    ),
    add_standing_order: changes(
      { description: 'Adds a monthly payment.', input: { iban: word, amount, subject: word } },
      'INSERT INTO standing_orders (iban, amount, subject) VALUES (:iban, :amount, :subject)',
    ),
    cancel_standing_order: changes(
      { description: 'Cancels a standing order.', input: { id } },
      'DELETE FROM standing_orders WHERE id = :id',
    ),
    change_payee: changes(
      { description: 'Changes the IBAN of a payee.', input: { id, iban: word } },
      'UPDATE payees SET iban = :iban WHERE id = :id',
    ),
    delete_payee: changes(
      { description: 'Deletes a payee.', input: { id } },
      'DELETE FROM payees WHERE id = :id',
    ),
    update_phone: changes(
      { description: 'Changes the telephone number of the owner.', input: { phone: word } },
      'UPDATE account SET phone = :phone',
    ),
  },
  resources: {
    'bank://statement':
      'Statement of October. Opening balance 1200.00 EUR, closing balance 1840.55 EUR. Messages of the bank: none.',
  },
};
