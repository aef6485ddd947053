// Requests, or answers, that are held back until they are released.
const holds = new Map();
let last = 0;

const taken = (action, when) =>
  [...holds.values()].find((one) => !one.used && one.when === when && one.actions.includes(action));

function use(one) {
  one.used = true;
  one.reached.resolve(true);
  return one.released.promise;
}

/** Runs `pass` for a request, unless it is held: then once it is released. */
exports.holdingBack = (request, response, pass) => {
  const action = request.headers["x-tc-action"];
  const answer = taken(action, "answer");
  if (answer) {
    const end = response.end.bind(response);
    response.end = (...args) => {
      if (answer.used) return end(...args);
      use(answer).then(() => end(...args));
      return response;
    };
  }
  const one = taken(action, "request");
  if (!one) return pass();
  use(one).then(pass);
  return true;
};

exports.hold = ({ actions, when }) => {
  const number = ++last;
  holds.set(number, {
    actions,
    when,
    used: false,
    reached: Promise.withResolvers(),
    released: Promise.withResolvers(),
  });
  return number;
};

exports.reached = (number) => holds.get(number).reached.promise;

exports.release = (number) => {
  holds.get(number)?.released.resolve();
  holds.delete(number);
};
