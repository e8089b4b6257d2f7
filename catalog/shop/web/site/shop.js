const element = (id) => document.getElementById(id);

const basket = new Map();
let products = [];
let price = new Intl.NumberFormat();

async function call(path, options) {
  const response = await fetch(`/api${path}`, options);
  const body = await response.json();
  if (!response.ok) throw new Error(body.message);
  return body;
}

async function refresh() {
  const orders = await call("/orders");
  products = await call("/products");
  element("products").replaceChildren(...products.map(productCard));
  element("products").setAttribute("aria-busy", "false");
  element("orders").replaceChildren(...orders.map(orderLine));
  showBasket();
}

function productCard(product) {
  const card = element("product").content.cloneNode(true).firstElementChild;
  const left = product.stock - (basket.get(product.id) ?? 0);
  card.querySelector(".picture").style.setProperty("--hue", product.hue);
  card.querySelector("h3").textContent = product.name;
  card.querySelector(".description").textContent = product.description;
  card.querySelector(".price").textContent = price.format(product.price_cents / 100);
  card.querySelector(".stock").textContent = left > 0 ? `${left} left` : "Sold out";
  const button = card.querySelector("button");
  button.disabled = left <= 0;
  button.setAttribute("aria-label", `Add ${product.name} to basket`);
  button.addEventListener("click", () => add(product));
  return card;
}

function add(product) {
  basket.set(product.id, (basket.get(product.id) ?? 0) + 1);
  element("products").replaceChildren(...products.map(productCard));
  element("notice").textContent = "";
  showBasket();
}

function showBasket() {
  const lines = [...basket].map(([id, quantity]) => ({ product: products.find((it) => it.id === id), quantity }));
  const total = lines.reduce((sum, { product, quantity }) => sum + product.price_cents * quantity, 0);
  element("basket").replaceChildren(
    ...lines.map(({ product, quantity }) =>
      line(`${quantity} × ${product.name}`, price.format((product.price_cents * quantity) / 100)),
    ),
  );
  element("total").textContent = price.format(total / 100);
  element("order").disabled = lines.length === 0;
}

function orderLine(order) {
  const when = new Date(order.placed_at).toLocaleString([], { dateStyle: "short", timeStyle: "short" });
  return line(`#${order.id} · ${when}`, price.format(order.total_cents / 100));
}

function line(left, right) {
  const item = document.createElement("li");
  const [text, amount] = [document.createElement("span"), document.createElement("span")];
  text.textContent = left;
  amount.textContent = right;
  item.append(text, amount);
  return item;
}

async function placeOrder() {
  const items = [...basket].map(([product_id, quantity]) => ({ product_id, quantity }));
  try {
    const order = await call("/orders", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ items }),
    });
    basket.clear();
    element("notice").textContent = `Thank you. Order #${order.id} is placed.`;
  } catch (error) {
    basket.clear();
    element("notice").textContent = error.message;
  }
  await refresh();
}

element("order").addEventListener("click", placeOrder);

try {
  const shop = await call("/shop");
  document.title = shop.name;
  element("shop-name").textContent = shop.name;
  price = new Intl.NumberFormat(undefined, { style: "currency", currency: shop.currency });
  await refresh();
} catch (error) {
  element("notice").textContent = `The shop cannot be reached: ${error.message}`;
}
