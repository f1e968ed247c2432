// The class that Logos' C++ code knows, as that code uses it: two nodes in one process, storage in the host's LMDB, and the
// test mode. argv[1] is an empty directory.
#include <lmdb.h>

#include "p2p.h"

#include "check.h"

#include <atomic>
#include <chrono>
#include <set>
#include <string>
#include <thread>

namespace
{

MDB_env *open_environment(const std::string &directory, MDB_dbi &table)
{
    MDB_env *env = nullptr;
    MDB_txn *txn = nullptr;
    CHECK(mdb_env_create(&env) == 0);
    CHECK(mdb_env_set_maxdbs(env, 1) == 0);
    CHECK(mdb_env_open(env, directory.c_str(), 0, 0644) == 0);
    CHECK(mdb_txn_begin(env, nullptr, 0, &txn) == 0);
    CHECK(mdb_dbi_open(txn, "p2p_db", MDB_CREATE, &table) == 0);
    CHECK(mdb_txn_commit(txn) == 0);
    return env;
}

bool has_key(MDB_env *env, MDB_dbi table, const char *name)
{
    MDB_txn *txn = nullptr;
    CHECK(mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn) == 0);
    MDB_val key = {std::strlen(name), const_cast<char *>(name)}, value;
    int result = mdb_get(txn, table, &key, &value);
    mdb_txn_abort(txn);
    return result == 0 && value.mv_size > 0;
}

class node : public p2p_interface
{
public:
    ~node() override { Shutdown(); }

    bool start(const std::string &peer, MDB_env *env = nullptr, MDB_dbi table = 0)
    {
        std::string connect = "-connect=" + peer;
        const char *argv[] = {"interface", "-regtest", "-bind=127.0.0.1", "-port=0", connect.c_str()};
        p2p_config config = {5, const_cast<char **>(argv), env, table, nullptr, nullptr, nullptr, false};
        config.scheduleAfterMs = [](std::function<void()> const &, unsigned) { CHECK(!"It has timers of its own."); };
        config.userInterfaceMessage = [this](int type, const char *text) {
            CHECK(type != 0 && *text != 0);
            lines++;
        };
        return Init(config);
    }

    std::string address() const { return "127.0.0.1:" + std::to_string(logos_p2p_port(native())); }
    int peers() const { return logos_p2p_connection_count(native()); }

    bool ReceiveMessageCallback(const void *message, unsigned size) override
    {
        // One at a time, so that this needs no lock; for whoever reads it from another thread it is counted afterwards.
        received.insert(std::string(static_cast<const char *>(message), size));
        count++;
        if (size == 5 && std::memcmp(message, "throw", 5) == 0)
            throw std::string("Nothing of this comes into the library.");
        return true;
    }

    bool IsMessageImportant(const void *message, unsigned size) override
    {
        return size > 0 && *static_cast<const char *>(message) == '!';
    }

    std::multiset<std::string> received;
    std::atomic<int> count{0};
    std::atomic<int> lines{0};
};

void two_nodes_and_a_late_one()
{
    node a, b, late;
    CHECK(!a.PropagateMessage("x", 1, true));
    CHECK(a.start("0") && b.start(a.address()));
    CHECK(!a.start("0"));
    EVENTUALLY(a.peers() == 1 && b.peers() == 1);
    CHECK(a.PropagateMessage("from a", 6, true) && b.PropagateMessage("from b", 6, true));
    EVENTUALLY(a.count == 1 && b.count == 1);
    CHECK(a.received.count("from b") == 1 && b.received.count("from a") == 1);

    // From elsewhere: it is judged first, here.
    CHECK(a.PropagateMessage("gateway", 7, false));
    EVENTUALLY(b.count == 2);
    CHECK(a.received.count("gateway") == 1 && b.received.count("gateway") == 1);

    CHECK(a.PropagateMessage("throw", 5, true));
    CHECK(a.PropagateMessage("!important", 10, true));
    EVENTUALLY(b.count == 4);
    CHECK(late.start(b.address()));
    EVENTUALLY(late.count >= 1);
    CHECK(a.PropagateMessage("the last", 8, true));
    EVENTUALLY(late.count == 2);
    CHECK(late.received.count("!important") == 1 && late.received.count("the last") == 1 && a.lines > 0);
    a.Shutdown();
    a.Shutdown();
    CHECK(!a.PropagateMessage("x", 1, true) && !a.is_blacklisted("192.0.2.1") && !a.save_databases());
}

class slow_node : public node
{
public:
    ~slow_node() override { Shutdown(); }

    bool ReceiveMessageCallback(const void *message, unsigned size) override
    {
        CHECK(inside.fetch_add(1) == 0);
        std::this_thread::sleep_for(std::chrono::microseconds(200));
        inside--;
        return node::ReceiveMessageCallback(message, size);
    }

    std::atomic<int> inside{0};
};

// Those of peers and those from elsewhere too.
void messages_are_judged_one_at_a_time()
{
    const int each = 200;
    slow_node a;
    node b;
    CHECK(a.start("0") && b.start(a.address()));
    EVENTUALLY(a.peers() == 1 && b.peers() == 1);
    std::thread elsewhere([&a] {
        for (int i = 0; i < each; i++)
        {
            std::string message = "elsewhere " + std::to_string(i);
            CHECK(a.PropagateMessage(message.data(), static_cast<unsigned>(message.size()), false));
        }
    });
    for (int i = 0; i < each; i++)
    {
        std::string message = "from b " + std::to_string(i);
        CHECK(b.PropagateMessage(message.data(), static_cast<unsigned>(message.size()), true));
    }
    elsewhere.join();
    EVENTUALLY(a.count == 2 * each);
}

// Somebody else's, under a name of ours.
void a_value_that_no_node_stored_is_left_alone(const std::string &directory)
{
    const std::size_t size = 12000000;
    MDB_dbi table;
    MDB_env *env = open_environment(directory, table);
    CHECK(mdb_env_set_mapsize(env, 4 * size) == 0);
    MDB_txn *txn = nullptr;
    std::string bytes(size, 'x');
    MDB_val key = {5, const_cast<char *>("peers")}, value = {size, &bytes[0]};
    CHECK(mdb_txn_begin(env, nullptr, 0, &txn) == 0);
    CHECK(mdb_put(txn, table, &key, &value, 0) == 0);
    CHECK(mdb_txn_commit(txn) == 0);
    {
        node one;
        CHECK(!one.start("0", env, table));
    }
    CHECK(mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn) == 0);
    CHECK(mdb_get(txn, table, &key, &value) == 0 && value.mv_size == size);
    mdb_txn_abort(txn);
    mdb_env_close(env);
}

void peers_and_bans_in_the_hosts_database(const std::string &directory)
{
    for (int run = 0; run < 2; run++)
    {
        MDB_dbi table;
        MDB_env *env = open_environment(directory, table);
        {
            node one;
            CHECK(one.start("0", env, table));
            CHECK(one.is_blacklisted("192.0.2.9") == (run == 1));
            int next = 0;
            char *stored[4];
            CHECK(one.get_peers(&next, stored, 4) == run);
            if (run == 0)
            {
                char address[] = "192.0.2.8:77";
                char *addresses[] = {address};
                one.add_to_blacklist("192.0.2.9");
                CHECK(one.add_peers(addresses, 1) == 1);
            }
            else
            {
                CHECK(std::string(stored[0]) == "192.0.2.8:77");
                std::free(stored[0]);
            }
        }
        CHECK(has_key(env, table, "peers") && has_key(env, table, "banlist"));
        mdb_env_close(env);
    }
}

// As in the C++ overlay's own test: the environment goes before the node does.
void test_mode(const std::string &directory)
{
    const char *argv[] = {"unit_test", "-debug=net", nullptr};
    const char *peers[] = {"230.1.0.129:12345", "63.15.7.3:65535", "8.8.8.8:8888", "8.8.8.9:8888", "4.4.4.4:14495", "a.name:1"};
    for (int run = 0; run < 2; run++)
    {
        p2p_interface p2p;
        p2p_config config;
        config.argc = 2;
        config.argv = const_cast<char **>(argv);
        config.boost_io_service = nullptr;
        config.test_mode = true;
        config.lmdb_env = open_environment(directory, config.lmdb_dbi);
        CHECK(p2p.Init(config));
        CHECK(logos_p2p_port(p2p.native()) == 0);
        CHECK(p2p.load_databases() == (run == 1));
        if (run == 0)
        {
            p2p.add_to_blacklist("8.8.8.8");
            CHECK(p2p.add_peers(const_cast<char **>(peers), 2) == 2);
            CHECK(p2p.add_peers(const_cast<char **>(peers) + 2, 4) == 3);
        }
        CHECK(p2p.is_blacklisted("8.8.8.8") && !p2p.is_blacklisted("8.8.8.9") && !p2p.is_blacklisted("4.4.4.4"));
        std::set<std::string> all;
        int next = 0;
        char *got[64];
        for (uint8_t wanted : {1, 2, 61})
        {
            int count = p2p.get_peers(&next, got, wanted);
            CHECK(count == (wanted == 61 ? 5 : wanted));
            for (int i = 0; i < count; i++)
            {
                all.insert(got[i]);
                std::free(got[i]);
            }
        }
        CHECK(all == std::set<std::string>(peers, peers + 5));
        CHECK(p2p.save_databases());
        mdb_env_close(config.lmdb_env);
    }
}

void options()
{
    int seen = 0;
    p2p_interface::TraverseCommandLineOptions([&seen](const char *option, const char *description, int flags) {
        CHECK(*description != 0);
        std::string name = option;
        seen += name == "addnode" && flags == P2P_OPTION_MULTI;
        seen += name == "port" && flags == P2P_OPTION_ARGUMENT;
        seen += name == "listen" && flags == 0;
    });
    CHECK(seen == 3);
    p2p_interface p2p;
    std::string told;
    const char *argv[] = {"interface", "-nosuchoption"};
    p2p_config config = {2, const_cast<char **>(argv), nullptr, 0, nullptr, nullptr, nullptr, false};
    config.userInterfaceMessage = [&told](int type, const char *text) {
        CHECK(type == (P2P_UI_ERROR | P2P_UI_INIT));
        told = text;
    };
    CHECK(!p2p.Init(config) && told.find("nosuchoption") != std::string::npos);
}

} // namespace

int main(int, char **argv)
{
    std::string directory = argv[1];
    two_nodes_and_a_late_one();
    messages_are_judged_one_at_a_time();
    CHECK(std::system(("mkdir " + directory + "/a " + directory + "/b " + directory + "/c").c_str()) == 0);
    peers_and_bans_in_the_hosts_database(directory + "/a");
    test_mode(directory + "/b");
    a_value_that_no_node_stored_is_left_alone(directory + "/c");
    options();
    return 0;
}
