// A machine's time, moved by hand. Timers are left alone: only what a clock shows is shifted.
const realNow = Date.now;
let shift = 0;
Date.now = () => realNow() + shift;

exports.shiftTime = (ms) => {
  shift = ms;
};
