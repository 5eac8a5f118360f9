#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/unit/api/service_fixture.hpp"

namespace tp::api {

/// Measurements that are asked for as users ask.
class measurements_fixture : public service_fixture {
protected:
    static std::string request(std::string const& target = "192.0.2.1", std::string const& more = "",
                               std::string const& source = R"({"type":"area","value":"WW","requested":10})")
    {
        return R"({"definitions":[{"type":"ping","af":4,"description":"test","target":")" + target + '"' + more +
               R"(}],"is_oneoff":true,"probes":[)" + source + "]}";
    }

    measurement_id create(std::string const& body, std::string const& key = "")
    {
        auto const made =
            expect(201, ask(http::method::post, "/api/v2/measurements/", body, key.empty() ? user_ : key));
        return measurement_id::from(made.at("measurements").at(0).as_int64()).value();
    }

    boost::json::value shown(measurement_id id, std::string const& query = "", std::string const& key = "")
    {
        return expect(200, ask(http::method::get, "/api/v2/measurements/" + id.text() + "/" + query, "", key));
    }

    /// What the API says is wrong with a request.
    std::string complaint(std::string const& body)
    {
        auto const answer = expect(400, ask(http::method::post, "/api/v2/measurements/", body, user_));
        auto const& first = answer.at("error").at("errors").at(0);
        return std::string(first.at("source").at("pointer").as_string()) + ": " +
               std::string(first.at("detail").as_string());
    }

    std::vector<std::int64_t> probes_of(measurement_id id)
    {
        std::vector<std::int64_t> out;
        auto const object = shown(id, "?fields=probes");
        for (auto const& each : object.at("probes").as_array()) out.push_back(each.at("id").as_int64());
        return out;
    }
};

}  // namespace tp::api
