import pg from "pg";

/** Something the customer asked for that cannot be; its message is for them. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS products (
    id integer PRIMARY KEY,
    name text NOT NULL,
    description text NOT NULL,
    price_cents integer NOT NULL CHECK (price_cents > 0),
    stock integer NOT NULL CHECK (stock >= 0),
    hue integer NOT NULL
  );
  CREATE TABLE IF NOT EXISTS orders (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    placed_at timestamptz NOT NULL DEFAULT now(),
    total_cents integer NOT NULL
  );
  CREATE TABLE IF NOT EXISTS order_items (
    order_id integer NOT NULL REFERENCES orders,
    product_id integer NOT NULL REFERENCES products,
    quantity integer NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_id, product_id)
  );
  INSERT INTO products (id, name, description, price_cents, stock, hue) VALUES
    (1, 'Rye loaf', 'Dark, dense, baked this morning', 480, 14, 28),
    (2, 'Wild honey', '250 g from the hives on the roof', 890, 9, 44),
    (3, 'Green apples', 'A bag of eight, sharp and crisp', 360, 22, 96),
    (4, 'Blue enamel mug', 'Survives the dishwasher and the hike', 1450, 6, 212),
    (5, 'Pocket notebook', '96 dotted pages, sewn', 720, 18, 268),
    (6, 'Tomato seedlings', 'Six plants, three kinds', 1100, 5, 2),
    (7, 'Beeswax candle', 'Burns for about twelve hours', 640, 11, 52),
    (8, 'Sea salt caramels', 'Made by the neighbour, fifteen a box', 950, 3, 330)
  ON CONFLICT (id) DO NOTHING;
`;

export async function openShop(url) {
  const pool = new pg.Pool({ connectionString: url });
  // An idle connection that the database closes (it is being stopped) must not end the process.
  pool.on("error", (error) => console.error("database connection lost:", error.message));
  await pool.query(SCHEMA);
  return {
    products: async () => (await pool.query("SELECT * FROM products ORDER BY id")).rows,
    latestOrders: async () => (await pool.query("SELECT * FROM orders ORDER BY id DESC LIMIT 5")).rows,
    placeOrder: (items) => transaction(pool, (client) => placeOrder(client, checked(items))),
    close: () => pool.end(),
  };
}

async function transaction(pool, work) {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

/** One entry per product, in the order of their ids, so that two customers never wait for each other in a circle. */
function checked(items) {
  const whole = (value) => Number.isInteger(value) && value > 0 && value <= 1000;
  if (!Array.isArray(items) || items.length === 0 || !items.every((it) => whole(it?.product_id) && whole(it.quantity))) {
    throw new Refused(422, "An order needs items, each with a product_id and a quantity.");
  }
  const quantities = new Map();
  for (const { product_id, quantity } of items) {
    quantities.set(product_id, (quantities.get(product_id) ?? 0) + quantity);
  }
  return [...quantities].sort(([a], [b]) => a - b);
}

async function placeOrder(client, quantities) {
  let total = 0;
  for (const [product, quantity] of quantities) {
    const { rows } = await client.query(
      "UPDATE products SET stock = stock - $2 WHERE id = $1 AND stock >= $2 RETURNING price_cents",
      [product, quantity],
    );
    if (rows.length === 0) throw new Refused(409, "Somebody was faster: there is not enough of it left.");
    total += rows[0].price_cents * quantity;
  }
  const { rows } = await client.query("INSERT INTO orders (total_cents) VALUES ($1) RETURNING *", [total]);
  for (const [product, quantity] of quantities) {
    await client.query("INSERT INTO order_items VALUES ($1, $2, $3)", [rows[0].id, product, quantity]);
  }
  return rows[0];
}
