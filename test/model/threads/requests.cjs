// The request that each task was made from, as the emulator took it.
const requests = new Map();

exports.keepRequests = (Store) => {
  const { submit } = Store.prototype;
  Store.prototype.submit = function (submission) {
    const task = submit.call(this, submission);
    requests.set(task.taskId, submission.request);
    return task;
  };
};

exports.requestOf = (taskId) => requests.get(taskId);
