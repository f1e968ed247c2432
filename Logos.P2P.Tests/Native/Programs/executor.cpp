// Host-owned threads: one thread that has a queue, as an event loop has, runs the node's work and its callbacks. And a host
// with no other thread than the one that starts and stops.
#include "check.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

namespace
{

struct event_loop
{
    void post(void (*task)(void *), void *argument)
    {
        std::lock_guard<std::mutex> lock(gate);
        tasks.emplace_back(task, argument);
        news.notify_one();
    }

    void run()
    {
        std::unique_lock<std::mutex> lock(gate);
        while (!is_over || !tasks.empty())
        {
            news.wait(lock, [this] { return is_over || !tasks.empty(); });
            if (tasks.empty())
                return;
            auto task = tasks.front();
            tasks.pop_front();
            lock.unlock();
            task.first(task.second);
            turns++;
            lock.lock();
        }
    }

    void end()
    {
        std::lock_guard<std::mutex> lock(gate);
        is_over = true;
        news.notify_one();
    }

    std::mutex gate;
    std::condition_variable news;
    std::deque<std::pair<void (*)(void *), void *>> tasks;
    std::atomic<long> turns{0};
    bool is_over = false;
};

struct program_node
{
    explicit program_node(event_loop &with) : loop(with)
    {
        host.size = sizeof host;
        host.context = this;
        host.receive = [](void *context, const void *, size_t) {
            auto &self = *static_cast<program_node *>(context);
            CHECK(std::this_thread::get_id() == self.thread);
            CHECK(logos_p2p_stop(self.node) == LOGOS_P2P_E_IN_CALLBACK);
            self.received++;
            return true;
        };
        host.run = [](void *context, void (*task)(void *), void *argument) {
            static_cast<program_node *>(context)->loop.post(task, argument);
        };
    }

    void start(int peer)
    {
        std::string connect = peer > 0 ? "127.0.0.1:" + std::to_string(peer) : "0";
        logos_p2p_setting settings[] = {
            {"regtest", nullptr}, {"bind", "127.0.0.1"}, {"port", "0"}, {"connect", connect.c_str()}};
        node = logos_p2p_create(settings, 4, &host);
        CHECK(node != nullptr && logos_p2p_start(node) == LOGOS_P2P_OK);
    }

    event_loop &loop;
    logos_p2p_host host = logos_p2p_host();
    logos_p2p *node = nullptr;
    std::thread::id thread;
    std::atomic<int> received{0};
};

void one_thread_for_all_work()
{
    event_loop loop;
    std::thread worker([&loop] { loop.run(); });
    program_node a(loop), b(loop);
    a.thread = b.thread = worker.get_id();
    a.start(0);
    b.start(logos_p2p_port(a.node));
    EVENTUALLY(logos_p2p_connection_count(a.node) == 1 && logos_p2p_connection_count(b.node) == 1);
    for (int i = 0; i < 100; i++)
    {
        CHECK(logos_p2p_propagate(a.node, &i, sizeof i) == 1);
        int other = 1000 + i;
        CHECK(logos_p2p_propagate(b.node, &other, sizeof other) == 1);
    }
    EVENTUALLY(a.received == 100 && b.received == 100);
    CHECK(logos_p2p_stop(a.node) == LOGOS_P2P_OK && logos_p2p_free(b.node) == LOGOS_P2P_OK);
    CHECK(logos_p2p_free(a.node) == LOGOS_P2P_OK);
    loop.end();
    worker.join();
    CHECK(loop.turns > 2);
}

void no_thread_but_this_one()
{
    event_loop loop;
    program_node a(loop);
    a.thread = std::this_thread::get_id();
    a.start(0);
    CHECK(logos_p2p_save_databases(a.node) == LOGOS_P2P_OK);
    CHECK(logos_p2p_free(a.node) == LOGOS_P2P_OK);
    // Turns that come when the node is gone do nothing.
    loop.end();
    loop.run();
}

} // namespace

int main()
{
    one_thread_for_all_work();
    no_thread_but_this_one();
    return 0;
}
