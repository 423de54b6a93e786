// SPDX-License-Identifier: GPL-2.0-or-later
#include "scan/scan.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unordered_map>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "scan/resume.h"

namespace quell::scan {
namespace {

using Clock = std::chrono::steady_clock;

FileStamp stamp_of(const struct stat& status) {
  return {static_cast<std::uint64_t>(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

void fail_with(FileRecord& record, FileStatus status, std::string error) {
  record.status = status;
  record.error = std::move(error);
}

template <class Status>
constexpr std::size_t index_of(Status status) noexcept {
  return static_cast<std::size_t>(status);
}

std::string_view reason_of(Died::Why why) noexcept {
  switch (why) {
    case Died::Why::signal: break;
    case Died::Why::ended: return "the worker process ended by itself";
    case Died::Why::timeout: return "it took longer than one file may";
    case Died::Why::nonsense: return "the worker process answered nonsense";
  }
  return "a signal ended the worker process";
}

class Scan {
 public:
  Scan(const Options& options, Output output, Past past)
      : options_(options), output_(std::move(output)), past_(std::move(past)), seen_(past_.release_images()) {
    progress_.total = options.paths.size();
    progress_.worst = past_.worst();
  }

  Result<Progress> run(const Examiner& examine) {
    start_ = told_ = Clock::now();
    auto started = Pool::start(options_.pool, examine);
    if (!started) return tl::unexpected(started.error());
    pool_ = &*started;
    jobs_.resize(options_.pool.jobs);
    while (next_ < options_.paths.size() || pool_->busy()) {
      if (stopped()) return stop();
      QUELL_CHECK(give_work());
      if (!pool_->busy()) continue;
      QUELL_TRY(const auto events, pool_->wait(options_.between_tellings));
      for (const Event& event : events) {
        QUELL_CHECK(std::visit([&](const auto& what) { return take(event.worker, what); }, event.what));
      }
      QUELL_CHECK(output_.keep());
      tell();
    }
    if (output_.was_finished() && progress_.earlier == progress_.total) {
      output_.drop();
    } else {
      QUELL_CHECK(output_.commit());
    }
    progress_.time = Clock::now() - start_;
    return progress_;
  }

 private:
  [[nodiscard]] bool stopped() const { return options_.stopped && options_.stopped(); }

  Result<Progress> stop() {
    QUELL_CHECK(output_.pause());
    progress_.time = Clock::now() - start_;
    progress_.stopped = true;
    return progress_;
  }

  // A path that a worker has, or that waits for the image line of the same content.
  struct Job {
    FileRecord file{};
    Clock::time_point asked{};  // when it was told to look at the content
  };
  struct Looking {
    std::vector<FileRecord> waiting{};  // further files of this content
  };

  void tell() {
    const auto now = Clock::now();
    if (!options_.tell || now - told_ < options_.between_tellings) return;
    told_ = now;
    progress_.time = now - start_;
    options_.tell(progress_);
  }

  Result<void> give_work() {
    while (next_ < options_.paths.size()) {
      const auto worker = pool_->idle();
      // Files that wait for another's image line are outstanding too: at most twice as many as there are workers.
      if (!worker || waiting_ >= options_.pool.jobs || stopped()) return {};
      FileRecord record{.path = std::string(options_.paths.at(next_++))};
      FileDescriptor file = open(record);
      if (own_) {
        --progress_.total;
      } else if (earlier_) {
        ++progress_.done;
        ++progress_.earlier;
      } else if (file.valid()) {
        jobs_[*worker].file = std::move(record);
        pool_->read(*worker, std::move(file));
      } else {
        QUELL_CHECK(write(record));
      }
      tell();
    }
    return {};
  }

  // Opens the file, unless an earlier run had it, or says in the record why not. Nothing but a regular file is opened:
  // opening a device does things.
  FileDescriptor open(FileRecord& record) {
    own_ = false;
    struct stat status {};
    if (::stat(record.path.c_str(), &status) != 0) {
      fail_with(record, FileStatus::unreadable, std::strerror(errno));
    } else if (S_ISREG(status.st_mode)) {
      own_ = output_.is(status);
      record.stamp = stamp_of(status);
    } else if (S_ISDIR(status.st_mode)) {
      fail_with(record, FileStatus::unreadable, "the folder cannot be listed");
    } else {
      fail_with(record, FileStatus::not_a_file, "it is a pipe, a device or a socket");
    }
    earlier_ = !own_ && past_.has(record.path, record.stamp);
    if (own_ || earlier_ || !record.stamp) return {};
    if (record.stamp->size > largest_file) {
      fail_with(record, FileStatus::too_large, "it is larger than 512 MiB; no flash chip is");
      return {};
    }
    FileDescriptor file(::open(record.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!file.valid()) fail_with(record, FileStatus::unreadable, std::strerror(errno));
    return file;
  }

  Result<void> take(std::size_t worker, const Digested& digested) {
    FileRecord& file = jobs_[worker].file;
    if (digested.stamp != file.stamp) {
      fail_with(file, FileStatus::changed, "another program changed it while it was read");
      QUELL_CHECK(pool_->answer(worker, false));
      return write(file);
    }
    file.sha256 = digested.sha256;
    progress_.bytes += digested.stamp.size;
    if (seen_.contains(digested.sha256)) {
      QUELL_CHECK(pool_->answer(worker, false));
      return write(file);
    }
    const auto [looking, first] = looking_.try_emplace(digested.sha256);
    if (!first) {
      looking->second.waiting.push_back(std::move(file));
      ++waiting_;
    }
    jobs_[worker].asked = Clock::now();
    return pool_->answer(worker, first);
  }

  Result<void> take(std::size_t worker, const Unread& unread) {
    FileRecord& file = jobs_[worker].file;
    fail_with(file, unread.status, unread.error);
    return write(file);
  }

  Result<void> take(std::size_t worker, const Looked& looked) {
    if (looked.worst) progress_.worst = std::max(progress_.worst.value_or(*looked.worst), *looked.worst);
    const FileRecord& file = jobs_[worker].file;
    return write_image(file, {.sha256 = *file.sha256,
                              .size = file.stamp->size,
                              .status = looked.status,
                              .milliseconds = std::chrono::duration<double, std::milli>(looked.time).count(),
                              .error = looked.error,
                              .members = looked.members});
  }

  Result<void> take(std::size_t worker, const Died& died) {
    FileRecord& file = jobs_[worker].file;
    const bool late = died.why == Died::Why::timeout;
    const std::optional<int> signal = died.why == Died::Why::signal ? std::optional(died.signal) : std::nullopt;
    if (!file.sha256) {
      fail_with(file, late ? FileStatus::timeout : FileStatus::crash, std::string(reason_of(died.why)));
      file.signal = signal;
      return write(file);
    }
    const std::chrono::duration<double, std::milli> time = Clock::now() - jobs_[worker].asked;
    return write_image(file, {.sha256 = *file.sha256,
                              .size = file.stamp->size,
                              .status = late ? ImageStatus::timeout : ImageStatus::crash,
                              .signal = signal,
                              .milliseconds = time.count(),
                              .error = std::string(reason_of(died.why))});
  }

  // The image line, and then the lines of all files that had to wait for it.
  Result<void> write_image(const FileRecord& file, const ImageRecord& image) {
    QUELL_CHECK(output_.write(to_line(image, options_.key)));
    ++progress_.images[index_of(image.status)];
    seen_.insert(image.sha256);
    QUELL_CHECK(write(file));
    const auto looking = looking_.extract(image.sha256);
    for (const FileRecord& other : looking.mapped().waiting) QUELL_CHECK(write(other));
    waiting_ -= looking.mapped().waiting.size();
    return {};
  }

  Result<void> write(const FileRecord& record) {
    ++progress_.done;
    ++progress_.files[index_of(record.status)];
    return output_.write(to_line(record));
  }

  const Options& options_;
  Output output_;
  Past past_;
  Digests seen_;
  Pool* pool_ = nullptr;
  std::vector<Job> jobs_{};  // one a worker
  std::unordered_map<Sha256, Looking, FirstBytes> looking_{};
  std::size_t waiting_ = 0;
  std::size_t next_ = 0;  // of the paths
  bool own_ = false;      // the path looked at last is the output
  bool earlier_ = false;  // an earlier run had it
  Progress progress_{};
  Clock::time_point start_{};
  Clock::time_point told_{};
};

}  // namespace

Result<Progress> run(const Options& options, const Examiner& examine) {
  QUELL_TRY(Output output, Output::open(options.output, options.resume));
  Past past;
  if (options.resume) {
    QUELL_CHECK(output.read_back([&](std::string_view line) { return past.take(line, options.key) || past.other(); }));
    if (past.other()) {
      if (output.was_finished()) output.drop();
      return fail(
          Errc::usage,
          fmt::format("{}: another version of quell wrote it, with other tables, at another level or without trees: "
                      "begin a new output",
                      options.output));
    }
  }
  return Scan(options, std::move(output), std::move(past)).run(examine);
}

}  // namespace quell::scan
